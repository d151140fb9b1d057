// Package config reads a service's settings from the environment, all at once: every fault
// is collected, so that an operator sees the whole list at the first start.
//
// A secret may stand in a file named by NAME_FILE (Kubernetes mounts) instead of NAME. It
// owns no setting: names, defaults and meanings are the service's.
package config
