"""What a shell's script comes to: which commands run, which one stays, and who hears SIGTERM.

`dash`, `bash` and busybox `ash` differ in when they make way for their last command. What each does was measured with
the shell as PID 1 of a PID namespace (dash 0.5.12, bash 5.2, busybox 1.35), and all of it holds for that place only: a
shell that is not PID 1 and sets no trap dies at SIGTERM and leaves its commands behind.
"""
