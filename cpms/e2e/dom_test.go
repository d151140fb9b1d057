package e2e

import (
	"strings"

	"golang.org/x/net/html"
)

func find(n *html.Node, match func(*html.Node) bool) *html.Node {
	if n == nil {
		return nil
	}
	if n.Type == html.ElementNode && match(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if hit := find(c, match); hit != nil {
			return hit
		}
	}
	return nil
}

func each(n *html.Node, visit func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, visit)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// content gives the text below a node, without scripts and styles.
func content(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n == nil || n.Data == "script" || n.Data == "style" || (n.Type == html.ElementNode && has(n, "hidden")) {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		switch n.Data {
		case "p", "div", "li", "h1", "h2", "h3", "td", "th", "tr", "dt", "dd", "label", "option", "span", "button", "a", "legend":
			b.WriteByte(' ')
		}
	}
	walk(n)
	return b.String()
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func chosen(n *html.Node) string {
	first, picked, any := "", "", false
	each(n, func(o *html.Node) {
		if o.Data != "option" {
			return
		}
		value := attribute(o, "value")
		if !has(o, "value") {
			value = squeeze(content(o))
		}
		if !any {
			first, any = value, true
		}
		if has(o, "selected") {
			picked = value
		}
	})
	if picked != "" {
		return picked
	}
	return first
}

func orOn(value string) string {
	if value == "" {
		return "on"
	}
	return value
}
