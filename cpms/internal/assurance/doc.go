// Package assurance asks idp what it knows of a person: Client at the moment of a submission
// or an approval, and fails closed; Recent for pages, from a short memory.
//
// It owns how idp is asked (idp.v1 GetAssurance), not what follows from the answer.
package assurance
