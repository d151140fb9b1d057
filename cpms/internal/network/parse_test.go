package network

import (
	"strings"
	"testing"
)

const (
	oneNetwork = "slug|code|on|helpdesk\nern-eye|ERN-EYE|rare eye diseases|cpms@ern-eye.example\n"
	oneRow     = "country|id|name|networks\nDE|de-02|Universitätsklinikum Freiburg|ern-eye\n"
)

func TestBrokenReferenceDataIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "other columns": strings.Replace(oneNetwork, "slug|code", "code|slug", 1), "a column too few": "slug|code|on|helpdesk\na|b|c\n",
		"slug": strings.Replace(oneNetwork, "ern-eye|", "ERN EYE|", 1), "twice": oneNetwork + "ern-eye|X|y|z@x.example\n", "no name": strings.Replace(oneNetwork, "ERN-EYE", "", 1),
		"helpdesk": strings.Replace(oneNetwork, "cpms@", "", 1),
	} {
		if out, err := parseNetworks(text); err == nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
	networks, err := parseNetworks(oneNetwork)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing": "", "twice": oneRow + "DE|de-02|Other|ern-eye\n", "unknown country": strings.Replace(oneRow, "DE|de-02", "XX|xx-02", 1),
		"another country's id": strings.Replace(oneRow, "de-02", "fr-02", 1), "unknown network": strings.Replace(oneRow, "|ern-eye", "|ern-lung", 1),
		"no network": strings.Replace(oneRow, "|ern-eye", "|", 1), "no name": strings.Replace(oneRow, "Universitätsklinikum Freiburg", " ", 1),
		"control character": strings.Replace(oneRow, "Freiburg", "\x07", 1), "too long": strings.Replace(oneRow, "Freiburg", strings.Repeat("x", 121), 1),
	} {
		if out, err := parseHospitals(text, networks); err == nil {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

// Whatever the files hold: no panic, and what is read keeps the promises of the types.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{oneNetwork, oneRow, networksCSV, hospitalsCSV, "slug|code|on|helpdesk\n\"", "country|id|name|networks\n\xff|||"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseNetworks(text)
		for i, n := range list {
			if err != nil || n.Slug == "" || n.Code == "" || i > 0 && list[i-1].Slug == n.Slug || strings.ContainsAny(n.Slug+n.Code+n.On, "\r\n\x00") {
				t.Fatalf("%+v %v", n, err)
			}
		}
		places, err := parseHospitals(text, networks)
		for _, h := range places {
			if err != nil || !IsCountry(h.Country) || h.Name == "" || len(h.Networks) == 0 {
				t.Fatalf("%+v %v", h, err)
			}
		}
	})
}
