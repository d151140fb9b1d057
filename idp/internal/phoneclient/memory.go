package phoneclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Memory is what a phone remembers: one link for each account, and the key of an
// initialisation whose answer has not come yet.
type Memory struct {
	Links   []Link          `json:"links"`
	Pending map[string]*Key `json:"pending,omitempty"` // enrolment id -> key
}

// Load reads a phone's memory; a file that is not there is a new phone. A file that others
// can read is refused, because it holds private keys.
func Load(path string) (Memory, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Memory{}, nil
	}
	if err != nil {
		return Memory{}, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Memory{}, fmt.Errorf("%s can be read by others: chmod 600 it", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	return m, json.Unmarshal(b, &m)
}

// Save writes the memory in one step, readable by its owner only.
func (m Memory) Save(path string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".phone-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
