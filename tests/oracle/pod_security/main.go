// pod_security says what Kubernetes itself thinks of pods under the Pod Security Standards.
//
// It takes a JSON list of pods on standard input, of each its `metadata` and its `spec`, and prints a JSON list in the
// same order: for each pod what every control of the standards' latest version says, by the control's name. An empty
// text is a control that lets the pod pass; else it is the reason that admission gives.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	core "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/policy"
)

// Verdicts holds a control's objection by its name.
type Verdicts map[policy.CheckID]string

func verdicts(pod *core.Pod) Verdicts {
	found := Verdicts{}
	for _, check := range policy.DefaultChecks() {
		latest := check.Versions[len(check.Versions)-1]
		result := latest.CheckPod(&pod.ObjectMeta, &pod.Spec)
		found[check.ID] = ""
		if !result.Allowed {
			found[check.ID] = fmt.Sprintf("%s (%s)", result.ForbiddenReason, result.ForbiddenDetail)
		}
	}
	return found
}

func main() {
	var pods []core.Pod
	if err := json.NewDecoder(os.Stdin).Decode(&pods); err != nil {
		fmt.Fprintln(os.Stderr, "expected a JSON list of pods on standard input:", err)
		os.Exit(2)
	}
	answers := make([]Verdicts, len(pods))
	for number := range pods {
		answers[number] = verdicts(&pods[number])
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
