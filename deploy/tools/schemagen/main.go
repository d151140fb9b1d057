// Command schemagen cuts the Kubernetes OpenAPI document down to the kinds that our
// manifests use and makes it strict: an unknown field is an error. Its output is committed,
// so that manifests can be checked without a network.
//
//	go mod download -json k8s.io/kubernetes@v1.34.4   # prints where swagger.json lies
//	go run ./schemagen DIR/api/openapi-spec/swagger.json > manifestcheck/kubernetes-1.34.4.json
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
)

// kinds are the objects that deploy/ may contain; a manifest of another kind fails the check.
var kinds = []string{
	"io.k8s.api.apps.v1.Deployment", "io.k8s.api.apps.v1.StatefulSet", "io.k8s.api.batch.v1.Job",
	"io.k8s.api.core.v1.ConfigMap", "io.k8s.api.core.v1.Namespace", "io.k8s.api.core.v1.PersistentVolumeClaim",
	"io.k8s.api.core.v1.Secret", "io.k8s.api.core.v1.Service", "io.k8s.api.core.v1.ServiceAccount",
	"io.k8s.api.networking.v1.Ingress", "io.k8s.api.networking.v1.NetworkPolicy",
	"io.k8s.api.policy.v1.PodDisruptionBudget",
}

func main() {
	log.SetFlags(0)
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var doc struct{ Definitions map[string]map[string]any }
	if err := json.Unmarshal(raw, &doc); err != nil {
		log.Fatal(err)
	}
	out := map[string]any{}
	for _, k := range kinds {
		keep(doc.Definitions, k, out)
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", " ")
	if err := enc.Encode(map[string]any{"definitions": out}); err != nil {
		log.Fatal(err)
	}
}

// keep copies a definition and everything that it refers to.
func keep(all map[string]map[string]any, name string, out map[string]any) {
	if out[name] != nil {
		return
	}
	def := all[name]
	if def == nil {
		log.Fatalf("no definition %s", name)
	}
	out[name] = def
	tighten(name, def)
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			if ref, ok := x["$ref"].(string); ok {
				keep(all, strings.TrimPrefix(ref, "#/definitions/"), out)
			}
			for _, c := range x {
				walk(c)
			}
		case []any:
			for _, c := range x {
				walk(c)
			}
		}
	}
	walk(def)
}

// tighten drops prose, closes objects, and says in JSON Schema what OpenAPI 2 says by format.
func tighten(name string, def map[string]any) {
	delete(def, "description")
	switch name {
	case "io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity":
		delete(def, "format")
		def["type"] = []any{"string", "integer", "number"}
		return
	}
	props, ok := def["properties"].(map[string]any)
	if !ok {
		return
	}
	def["additionalProperties"] = false
	for _, p := range props {
		delete(p.(map[string]any), "description")
		delete(p.(map[string]any), "format")
	}
}
