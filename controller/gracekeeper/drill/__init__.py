"""The drill: one container's own command on this machine, stopped as a pod is, with requests in flight.

    plan → namespace, contained → probing → traffic → stop → Observed

It is the one part of the product that runs a program of the user's. It ends all that it starts, whatever ends it.
"""
