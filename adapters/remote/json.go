package remote

import (
	"bytes"
	"encoding/json"
)

// Members are the members of a JSON object, each as it was written. Names are
// compared exactly, unlike those of a struct.
type Members map[string]json.RawMessage

// ReadObject reads a JSON object. It is no strict reader on purpose: a name that
// a person chose at the provider, with half an emoji in it, is no failure of the
// provider. False when body is anything but an object.
func ReadObject(body []byte) (Members, bool) {
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return nil, false
	}
	var m Members
	err := json.Unmarshal(body, &m)
	return m, err == nil
}

// Int returns a member that is an integer of 64 bits, written as one. It never
// goes through a double.
func (m Members) Int(name string) (n int64, ok bool) {
	raw, ok := m[name]
	if !ok || bytes.Equal(raw, []byte("null")) {
		return 0, false
	}
	err := json.Unmarshal(raw, &n)
	return n, err == nil
}

// String returns a member that is a string; any other counts as absent.
func (m Members) String(name string) string {
	var s string
	if json.Unmarshal(m[name], &s) != nil {
		return ""
	}
	return s
}

// Object returns a member that is an object; any other counts as absent.
func (m Members) Object(name string) Members {
	members, _ := ReadObject(m[name])
	return members
}
