package network

import "testing"

// The spelling is part of the product: space or hyphen varies by network (domain.md §2.5).
func TestThe24NetworksAreSpelledExactly(t *testing.T) {
	want := []string{
		"Endo-ERN", "ERKNet", "ERN BOND", "ERN CRANIO", "ERN EpiCARE", "ERN EURACAN", "ERN EURO-NMD", "ERN eUROGEN", "ERN GENTURIS", "ERN GUARD-HEART",
		"ERN PaedCan", "ERN RARE-LIVER", "ERN ReCONNET", "ERN RITA", "ERN TRANSPLANT-CHILD", "ERN-EuroBloodNet", "ERN-EYE", "ERN-ITHACA", "ERN-LUNG", "ERN-RND", "ERN-Skin",
		"ERNICA", "MetabERN", "VASCERN",
	}
	have := map[string]bool{}
	for _, n := range All() {
		have[n.Code] = true
		if again, ok := BySlug(n.Slug); !ok || again != n || n.On == "" {
			t.Errorf("%+v is not found by its slug", n)
		}
	}
	if len(have) != 24 {
		t.Errorf("%d networks", len(have))
	}
	for _, code := range want {
		if !have[code] {
			t.Errorf("%q is missing", code)
		}
	}
}

func TestHospitals(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range Hospitals() {
		if seen[h.ID] || !IsCountry(h.Country) || h.Name == "" || len(h.Networks) == 0 {
			t.Errorf("%+v", h)
		}
		seen[h.ID] = true
		for _, n := range h.Networks {
			if _, ok := BySlug(n); !ok {
				t.Errorf("%s belongs to unknown %s", h.ID, n)
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d hospitals", len(seen))
	}
}
