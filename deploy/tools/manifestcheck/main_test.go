package main

import (
	"strings"
	"testing"
)

const good = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"idp"},"spec":{"selector":{"matchLabels":{"app":"idp"}},
"template":{"metadata":{"labels":{"app":"idp"}},"spec":{"automountServiceAccountToken":false,"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
"containers":[{"name":"idp","image":"idp:1","securityContext":{"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}},
"readinessProbe":{"httpGet":{"path":"/readyz","port":"ops"}},"livenessProbe":{"httpGet":{"path":"/healthz","port":9002}},
"resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"256Mi"}}}]}}}}`

func TestObjects(t *testing.T) {
	c, err := newChecker()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"as it should be", "", "", ""},
		{"unknown field", `"readinessProbe"`, `"readynessProbe"`, "additional properties"},
		{"wrong type", `"path":"/readyz"`, `"path":7`, "got number, want string"},
		{"required field", `"selector":{"matchLabels":{"app":"idp"}},`, ``, "selector"},
		{"root", `"runAsNonRoot":true`, `"runAsNonRoot":false`, "may run as root"},
		{"writable", `"readOnlyRootFilesystem":true`, `"readOnlyRootFilesystem":false`, "writable"},
		{"floating image", `"image":"idp:1"`, `"image":"idp:latest"`, "fixed version"},
		{"secret in the environment", `"name":"idp","image"`, `"name":"idp","env":[{"name":"P","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],"image"`, "secret in the environment"},
		{"strange kind", `"kind":"Deployment"`, `"kind":"DaemonSet"`, "not one that we deploy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults := c.object([]byte(strings.Replace(good, tt.old, tt.new, 1)))
			got := strings.Join(faults, "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("faults: %s", got)
			}
		})
	}
}
