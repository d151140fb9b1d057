package join

import "net/http"

// PrivacyVersion is the version of the statement that the catalogue holds; accounts keep
// which one they accepted.
const PrivacyVersion = "2026-11"

type textPage struct {
	Title      string
	Paragraphs []string
}

func (h *Handler) privacy(w http.ResponseWriter, r *http.Request) error {
	return h.Site.Render(w, r, http.StatusOK, "kit/text", textPage{Title: "join.privacy.title", Paragraphs: []string{
		"join.privacy.who", "join.privacy.what", "join.privacy.why", "join.privacy.how_long",
		"join.privacy.to_whom", "join.privacy.cookies", "join.privacy.rights", "join.privacy.version",
	}})
}
