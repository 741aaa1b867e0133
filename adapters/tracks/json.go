package tracks

import (
	"encoding/json"
	"errors"
	"io"
)

// jsonTokens reads the tokens of a JSON document within bounds. What reads a value
// is given the value's first token.
type jsonTokens struct {
	tokens *json.Decoder
	in     *aheadReader
	depth  int
}

func newJSONTokens(r io.Reader) *jsonTokens {
	in := &aheadReader{from: r}
	tokens := json.NewDecoder(in)
	in.used = tokens.InputOffset
	return &jsonTokens{tokens: tokens, in: in}
}

// next reads a token; the standard library's reader holds one at a time.
func (j *jsonTokens) next() (json.Token, error) {
	t, err := j.tokens.Token()
	switch t {
	case json.Delim('{'), json.Delim('['):
		if j.depth++; j.depth > MaxDepth {
			return nil, tooComplex("depth", j.depth, MaxDepth)
		}
	case json.Delim('}'), json.Delim(']'):
		j.depth--
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

// skip reads over a value.
func (j *jsonTokens) skip(t json.Token) error {
	if t != json.Delim('{') && t != json.Delim('[') {
		return nil
	}
	for around := j.depth - 1; j.depth > around; {
		if _, err := j.next(); err != nil {
			return err
		}
	}
	return nil
}

// members reads the members of an object; it skips what is none.
func (j *jsonTokens) members(t json.Token, read func(name string, t json.Token) error) error {
	if t != json.Delim('{') {
		return j.skip(t)
	}
	for {
		name, err := j.next()
		if err != nil || name == json.Delim('}') {
			return err
		}
		value, err := j.next()
		if err != nil {
			return err
		}
		label, _ := name.(string) // the standard library's reader sees to that
		if err := read(label, value); err != nil {
			return err
		}
	}
}

// elements reads the elements of an array; it skips what is none.
func (j *jsonTokens) elements(t json.Token, read func(t json.Token) error) error {
	if t != json.Delim('[') {
		return j.skip(t)
	}
	for {
		value, err := j.next()
		if err != nil || value == json.Delim(']') {
			return err
		}
		if err := read(value); err != nil {
			return err
		}
	}
}

// aheadReader ends a token that is too long: the standard library's reader would
// take all of it into memory.
type aheadReader struct {
	from io.Reader
	read int64
	used func() int64 // how much of it the tokens so far have
}

// Read implements io.Reader.
func (r *aheadReader) Read(p []byte) (int, error) {
	if ahead := r.read - r.used(); ahead > MaxTokenBytes {
		return 0, tooComplex("bytes of one value", int(ahead), MaxTokenBytes)
	}
	n, err := r.from.Read(p)
	r.read += int64(n)
	return n, err
}
