package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const definer = `{"client_id":"api","client_name":"An interface","token_endpoint_auth_method":"none","resource_identifiers":["https://api.example"],
"authorization_details_definitions":[{"type":"payment","title":{"en":"Pay","fr":"Payer"},"fields":[
{"name":"amount","kind":"number","label":{"en":"Amount"},"required":true},{"name":"ways","kind":"texts","label":{"en":"Ways"},"values":["card","cash"]}]}]}`

func TestDefinitionsOfDetailsAreChecked(t *testing.T) {
	if _, err := Parse([]byte(definer), false); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string][2]string{
		"no resource":           {`"resource_identifiers":["https://api.example"],`, `"grant_types":["urn:ietf:params:oauth:grant-type:device_code"],"scope":"openid",`},
		"a type with a blank":   {`"payment"`, `"a payment"`},
		"no type":               {`"payment"`, `""`},
		"no English":            {`"title":{"en":"Pay",`, `"title":{`},
		"a control character":   {`"en":"Pay"`, `"en":"Pay\u0007"`},
		"text that turns round": {`"en":"Pay"`, `"en":"Pay\u202e"`},
		"a long text":           {`"en":"Pay"`, `"en":"` + strings.Repeat("x", 201) + `"`},
		"a kind":                {`"number"`, `"object"`},
		"a field called type":   {`"amount"`, `"type"`},
		"a field twice":         {`"ways"`, `"amount"`},
		"a field with a blank":  {`"amount"`, `"the amount"`},
		"no label":              {`"label":{"en":"Amount"}`, `"label":{}`},
		"values of a number":    {`"required":true`, `"values":["1"]`},
		"an unknown member":     {`"required":true`, `"requires":true`},
		"a type twice":          {`"authorization_details_definitions":[`, `"authorization_details_definitions":[{"type":"payment","title":{"en":"Pay"},"fields":[]},`},
	} {
		wrong := strings.Replace(definer, tt[0], tt[1], 1)
		if _, err := Parse([]byte(wrong), false); err == nil || wrong == definer {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Parse([]byte(strings.Replace(definer, `"resource_identifiers"`, `"authorization_details_types":["payment"],"resource_identifiers"`, 1)), false); err == nil {
		t.Error("a client that asks nobody may ask for details")
	}
}

// A type is its owner's: nobody else says how people read it, or reads what they agreed to.
func TestATypeOfDetailsHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	write := func(id, text string) {
		if err := os.WriteFile(filepath.Join(dir, id+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("api", definer)
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	def, owner, ok := r.DetailType("payment")
	if !ok || owner.ID != "api" || def.Title["fr"] != "Payer" || len(r.DetailTypes()) != 1 {
		t.Fatalf("%+v %v", def, ok)
	}
	thief := strings.NewReplacer(`"api"`, `"thief"`, "https://api.example", "https://thief.example").Replace(definer)
	write("thief", thief)
	if err := r.Reload(); err == nil || !strings.Contains(err.Error(), `"payment"`) {
		t.Errorf("%v", err)
	}
	if other, err := Parse([]byte(thief), false); err != nil || !r.Taken(other) {
		t.Errorf("it could be registered: %v", err)
	}
	if _, owner, ok := r.DetailType("payment"); !ok || owner.ID != "api" {
		t.Error("it is another's now")
	}
	if _, _, ok := r.DetailType("payments"); ok {
		t.Error("a type that nobody defines")
	}
}
