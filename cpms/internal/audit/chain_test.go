package audit

import (
	"fmt"
	"strings"
	"testing"
)

// chain makes n links with their digests.
func chain(n int) (links []Link, digests []string) {
	prev := ""
	for i := range n {
		l := Link{Seq: int64(i + 1), Prev: prev, ID: fmt.Sprintf("e%d", i), At: int64(1000 + i), Actor: "a", Of: "s", Action: "request.approved", Object: "o", Detail: `{"acr":"medium"}`}
		prev = l.Digest()
		links, digests = append(links, l), append(digests, prev)
	}
	return links, digests
}

func verify(links []Link, digests []string, head Anchor, known ...Anchor) error {
	v := Verifier{Known: known}
	for i, l := range links {
		if err := v.Add(l, digests[i]); err != nil {
			return err
		}
	}
	return v.End(head)
}

// Every change of every field, every removal, every swap and every insertion is found.
func TestAChangedChainIsFound(t *testing.T) {
	links, digests := chain(6)
	head := Anchor{6, digests[5]}
	if err := verify(links, digests, head); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Link){
		"seq": func(l *Link) { l.Seq++ }, "id": func(l *Link) { l.ID = "x" }, "at": func(l *Link) { l.At++ }, "actor": func(l *Link) { l.Actor = "x" }, "subject": func(l *Link) { l.Of = "x" },
		"action": func(l *Link) { l.Action = "x" }, "object": func(l *Link) { l.Object = "x" }, "detail": func(l *Link) { l.Detail = "{}" },
	} {
		for i := range links {
			changed := append([]Link(nil), links...)
			change(&changed[i])
			if verify(changed, digests, head) == nil {
				t.Errorf("%s of event %d was changed", field, i+1)
			}
		}
	}
	for i := range links {
		cut := append(append([]Link(nil), links[:i]...), links[i+1:]...)
		cutDigests := append(append([]string(nil), digests[:i]...), digests[i+1:]...)
		if verify(cut, cutDigests, head) == nil {
			t.Errorf("event %d was removed", i+1)
		}
	}
	swapped, swappedDigests := append([]Link(nil), links...), append([]string(nil), digests...)
	swapped[2], swapped[3], swappedDigests[2], swappedDigests[3] = swapped[3], swapped[2], swappedDigests[3], swappedDigests[2]
	if verify(swapped, swappedDigests, head) == nil {
		t.Error("two events changed places")
	}
}

// Who may write everything can write the chain anew; who noted one digest finds it.
func TestAChainWrittenAnewIsFoundByWhoNotedADigest(t *testing.T) {
	_, digests := chain(6)
	noted := Anchor{4, digests[3]}
	anew, anewDigests := chain(6)
	anew[0].Actor = "mallory"
	prev := ""
	for i := range anew {
		anew[i].Prev = prev
		anewDigests[i] = anew[i].Digest()
		prev = anewDigests[i]
	}
	head := Anchor{6, anewDigests[5]}
	if err := verify(anew, anewDigests, head); err != nil {
		t.Fatal(err)
	}
	if err := verify(anew, anewDigests, head, noted); err == nil {
		t.Error("the noted digest was not held against the chain")
	}
	links, digests := chain(3)
	if err := verify(links, digests, Anchor{3, digests[2]}, noted); err == nil {
		t.Error("the end was cut off with the head")
	}
}

func TestAnchors(t *testing.T) {
	_, digests := chain(1)
	a := Anchor{17, digests[0]}
	if got, err := ParseAnchor(strings.ToUpper(a.String())); err != nil || got != a {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"", ":", "17", "17:", "17:zz", "0:" + digests[0], "-1:" + digests[0], "x:" + digests[0], "17:" + digests[0][1:], digests[0]} {
		if _, err := ParseAnchor(bad); err == nil {
			t.Errorf("%q is an anchor", bad)
		}
	}
}
