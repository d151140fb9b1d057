package network

import (
	"slices"
	"strings"
	"testing"
)

// The spelling is part of the product: space or hyphen varies by network (domain.md §2.5).
var spelled = map[string]string{
	"ERN BOND": "rare bone disorders", "ERN CRANIO": "rare craniofacial anomalies and ENT disorders", "Endo-ERN": "rare endocrine conditions",
	"ERN EpiCARE": "rare and complex epilepsies", "ERKNet": "rare kidney diseases", "ERN-RND": "rare neurological diseases",
	"ERNICA":   "rare inherited and congenital (digestive and gastrointestinal) anomalies",
	"ERN-LUNG": "rare respiratory diseases", "ERN-Skin": "rare, complex and undiagnosed skin disorders", "ERN EURACAN": "rare adult solid cancers",
	"ERN-EuroBloodNet": "rare haematological diseases", "ERN eUROGEN": "rare urogenital diseases and complex conditions",
	"ERN GENTURIS": "rare genetic tumour risk syndromes", "ERN GUARD-HEART": "uncommon and rare diseases of the heart",
	"ERN-ITHACA": "rare malformation syndromes, intellectual and other neurodevelopmental disorders",
	"MetabERN":   "hereditary metabolic disorders", "ERN PaedCan": "paediatric cancer (haemato-oncology)", "ERN RARE-LIVER": "rare hepatological diseases",
	"ERN ReCONNET": "rare connective tissue and musculoskeletal diseases", "ERN RITA": "rare immunodeficiency, autoinflammatory and autoimmune diseases",
	"ERN TRANSPLANT-CHILD": "transplantation in children", "VASCERN": "rare multisystemic vascular diseases", "ERN EURO-NMD": "neuromuscular diseases",
	"ERN-EYE": "rare eye diseases",
}

func TestThe24NetworksAreSpelledExactly(t *testing.T) {
	if len(All()) != 24 || len(spelled) != 24 {
		t.Fatalf("%d networks", len(All()))
	}
	helpdesks := map[string]bool{}
	for _, n := range All() {
		if on, ok := spelled[n.Code]; !ok || on != n.On {
			t.Errorf("%q: %q", n.Code, n.On)
		}
		if want := strings.ReplaceAll(strings.ToLower(n.Code), " ", "-"); n.Slug != want {
			t.Errorf("%q has the slug %q, not %q", n.Code, n.Slug, want)
		}
		if again, ok := BySlug(n.Slug); !ok || again != n {
			t.Errorf("%+v is not found by its slug", n)
		}
		if n.Name() != n.Code+" – European Reference Network on "+n.On {
			t.Errorf("full name %q", n.Name())
		}
		if !strings.HasSuffix(n.Helpdesk, ".example") || helpdesks[n.Helpdesk] {
			t.Errorf("helpdesk %q: one for each, and nobody's real address", n.Helpdesk)
		}
		helpdesks[n.Helpdesk] = true
	}
	if _, ok := BySlug("ERN-EYE"); ok {
		t.Error("the code is not the key")
	}
}

func TestHospitals(t *testing.T) {
	members, countries := map[string]int{}, map[string]bool{}
	for _, h := range Hospitals() {
		if again, ok := HospitalByID(h.ID); !ok || again.Name != h.Name {
			t.Errorf("%+v is not found by its id", h)
		}
		countries[h.Country] = true
		for _, n := range h.Networks {
			members[n]++
		}
	}
	if len(Hospitals()) < 80 || len(countries) < 28 {
		t.Errorf("%d hospitals in %d countries", len(Hospitals()), len(countries))
	}
	for _, n := range All() {
		if members[n.Slug] < 3 {
			t.Errorf("%s has %d members: nobody could choose a hospital there", n.Code, members[n.Slug])
		}
	}
	for _, id := range []string{"", Guest, Unlisted, "DE-02"} {
		if _, ok := HospitalByID(id); ok {
			t.Errorf("%q is no hospital", id)
		}
	}
}

func TestCountries(t *testing.T) {
	if len(Countries) != 27+3+1 || !slices.IsSorted(Countries) {
		t.Errorf("%d countries", len(Countries))
	}
	for _, code := range []string{"", "de", "GR", "GB", "US", "XX"} {
		if IsCountry(code) {
			t.Errorf("%q", code)
		}
	}
}

// What callers get is theirs: the reference data itself cannot be changed through it.
func TestReferenceDataCannotBeChanged(t *testing.T) {
	All()[0] = Network{Slug: "forged"}
	Hospitals()[0] = Hospital{ID: "forged"}
	if _, ok := BySlug("forged"); ok || All()[0].Slug == "forged" || Hospitals()[0].ID == "forged" {
		t.Error("a caller changed the reference data")
	}
}
