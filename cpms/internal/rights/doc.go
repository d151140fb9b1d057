// Package rights is what people may ask of this service about their own data: a copy of everything
// that is stored about them (Regulation (EU) 2016/679, Article 15).
//
// Which table holds what about whom, what of it stays after an erasure and why, is data of package
// sqlstore (Personal, Impersonal); tests hold it against the tables that the database really has,
// and docs/rights.md against both. Erasure itself is one transaction of the store (inbox).
package rights
