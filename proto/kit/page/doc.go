// Package page renders the HTML of both services: one layout, one set of form parts, one
// catalogue of texts, one set of security headers, one place where errors become pages.
//
// A service gives its templates (templates/<area>/<page>.html), texts
// (locales/<lang>/<area>.json, flat keys) and static files; the package owns everything
// around them. It knows no route and no rule of either service.
//
// A page template defines "title" and "content" (and "scripts" or "head" when it needs
// them); its dot is a View, what the handler gave is in .Data:
//
//	{{define "title"}}{{t "signin.email.title"}}{{end}}
//	{{define "content"}}
//	<h1>{{t "signin.email.title"}}</h1>
//	{{template "error-summary" .Data.Errors}}
//	<form method="post" action="/login/identify" novalidate>
//	  {{template "field" (dict "name" "email" "type" "email" "label" (t "signin.email.label")
//	      "help" (t "signin.email.help") "value" .Data.Email "error" .Data.Errors.email
//	      "autocomplete" "username" "required" true)}}
//	  {{template "select" (dict "name" "method" "label" (t "…") "options" .Data.Methods)}}
//	  {{template "checkbox" (dict "name" "privacy" "label" (th "…" "/privacy") "checked" .Data.Privacy)}}
//	  {{template "radios" (dict "name" "role" "label" (t "…") "options" .Data.Roles)}}
//	  {{template "checkboxes" (dict "name" "languages" "label" (t "…") "options" .Data.Languages)}}
//	  {{template "textarea" (dict "name" "text" "label" (t "…") "value" .Data.Text "rows" 5)}}
//	  <div class="actions">
//	    {{template "button" (dict "text" (t "signin.next"))}}
//	    {{template "button" (dict "text" (t "signin.cancel") "kind" "ghost" "href" "/")}}
//	  </div>
//	</form>
//	{{template "notification" (dict "kind" "info" "title" (t "…") "text" (t "…"))}}
//	{{template "progress-steps" (dict "label" (t "…") "current" 1 "steps" (list (t "…") (t "…")))}}
//	{{end}}
//	{{define "scripts"}}<script type="module" src="{{static "js/wait.js"}}"></script>{{end}}
//
// Functions: t (text), th (text with markup of the catalogue, arguments escaped), date,
// datetime, clock, static, dict, list, join, err (one message of an error map), msg (the text
// of a message).
//
// A field takes inputmode, maxlength, minlength, pattern and readonly too; a button name and
// value, secondary, or kind (secondary, ghost, danger). The id of a control is "f-" and its
// name, of further choices "f-role-1" and so on; an error summary leads there. Classes for
// pages: lead, actions, card, cards, tiles, facts (dl), checklist, timeline, steps-list,
// stack (a table whose cells carry data-label), tag (success, warning, error), big-number,
// samples, qr, code, prose, muted, small, wide, visually-hidden.
//
// A handler returns its error to Handle; a form that must be corrected is rendered again by
// the handler itself, with the fault's Fields as Errors. Pages without anybody signed in and
// without a table stand on one narrow sheet.
package page
