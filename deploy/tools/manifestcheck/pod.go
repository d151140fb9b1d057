package main

import (
	"fmt"
	"strings"
)

// workload is the part of a Deployment, StatefulSet or Job that our own rules look at.
type workload struct {
	Kind string `json:"kind"`
	Spec struct {
		Template struct {
			Spec struct {
				AutomountServiceAccountToken *bool       `json:"automountServiceAccountToken"`
				SecurityContext              security    `json:"securityContext"`
				Containers                   []container `json:"containers"`
				InitContainers               []container `json:"initContainers"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

type security struct {
	RunAsNonRoot             *bool `json:"runAsNonRoot"`
	ReadOnlyRootFilesystem   *bool `json:"readOnlyRootFilesystem"`
	AllowPrivilegeEscalation *bool `json:"allowPrivilegeEscalation"`
	Capabilities             struct {
		Drop []string `json:"drop"`
	} `json:"capabilities"`
	SeccompProfile struct {
		Type string `json:"type"`
	} `json:"seccompProfile"`
}

type container struct {
	Name            string   `json:"name"`
	Image           string   `json:"image"`
	SecurityContext security `json:"securityContext"`
	ReadinessProbe  any      `json:"readinessProbe"`
	LivenessProbe   any      `json:"livenessProbe"`
	Resources       struct {
		Requests, Limits map[string]any
	} `json:"resources"`
	Env []struct {
		Name      string `json:"name"`
		Value     string `json:"value"`
		ValueFrom struct {
			SecretKeyRef any `json:"secretKeyRef"`
		} `json:"valueFrom"`
	} `json:"env"`
}

func (w workload) faults() []string {
	pod := w.Spec.Template.Spec
	var out []string
	if !is(pod.SecurityContext.RunAsNonRoot, true) {
		out = append(out, "the pod may run as root")
	}
	if pod.SecurityContext.SeccompProfile.Type != "RuntimeDefault" {
		out = append(out, "the pod has no RuntimeDefault seccomp profile")
	}
	if !is(pod.AutomountServiceAccountToken, false) {
		out = append(out, "the pod mounts a service account token that it does not use")
	}
	for _, c := range append(pod.InitContainers, pod.Containers...) {
		for _, f := range c.faults(w.Kind == "Job" || contains(pod.InitContainers, c.Name)) {
			out = append(out, fmt.Sprintf("container %s: %s", c.Name, f))
		}
	}
	return out
}

func (c container) faults(runsOnce bool) []string {
	var out []string
	say := func(wrong bool, text string) {
		if wrong {
			out = append(out, text)
		}
	}
	say(!is(c.SecurityContext.ReadOnlyRootFilesystem, true), "the root file system is writable")
	say(!is(c.SecurityContext.AllowPrivilegeEscalation, false), "privileges may escalate")
	say(strings.Join(c.SecurityContext.Capabilities.Drop, ",") != "ALL", "capabilities are not all dropped")
	say(!runsOnce && c.ReadinessProbe == nil, "no readiness probe")
	say(!runsOnce && c.LivenessProbe == nil, "no liveness probe")
	say(c.Resources.Requests["cpu"] == nil || c.Resources.Requests["memory"] == nil, "no requests for cpu and memory")
	say(c.Resources.Limits["memory"] == nil, "no memory limit")
	say(c.Image == "" || strings.HasSuffix(c.Image, ":latest") || !strings.Contains(c.Image, ":"), "the image has no fixed version")
	for _, e := range c.Env {
		say(e.ValueFrom.SecretKeyRef != nil, "secret in the environment: "+e.Name+" (mount it as a file)")
	}
	return out
}

func is(b *bool, want bool) bool { return b != nil && *b == want }

func contains(list []container, name string) bool {
	for _, c := range list {
		if c.Name == name {
			return true
		}
	}
	return false
}
