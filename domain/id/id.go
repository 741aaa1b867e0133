// Package id has typed identifiers: a user's id cannot be passed where a
// session's is wanted. Every id is a UUID; new ones are version 7 (RFC 9562),
// so that rows made later sort later.
package id

import (
	"encoding/hex"

	"github.com/runvs/runvs/domain/fault"
)

// ID is a UUID of one kind of resource. The zero value is the nil UUID and
// stands for "none".
type ID[K Kind] struct{ b [16]byte }

// Kind is what an id can be of.
type Kind interface{ noun() string }

// Kinds exist only as type arguments.
type (
	// UserKind is the kind of User.
	UserKind struct{}
	// SessionKind is the kind of Session.
	SessionKind struct{}
	// ChunkKind is the kind of Chunk.
	ChunkKind struct{}
	// RecordKind is the kind of Record.
	RecordKind struct{}
	// CourseKind is the kind of Course.
	CourseKind struct{}
	// RankingKind is the kind of Ranking.
	RankingKind struct{}
	// FamilyKind is the kind of Family.
	FamilyKind struct{}
	// RefreshKind is the kind of Refresh.
	RefreshKind struct{}
	// AvatarKind is the kind of Avatar.
	AvatarKind struct{}
)

func (UserKind) noun() string    { return "user" }
func (SessionKind) noun() string { return "session" }
func (ChunkKind) noun() string   { return "chunk" }
func (RecordKind) noun() string  { return "run" }
func (CourseKind) noun() string  { return "course" }
func (RankingKind) noun() string { return "ranking" }
func (FamilyKind) noun() string  { return "token family" }
func (RefreshKind) noun() string { return "refresh token" }
func (AvatarKind) noun() string  { return "picture" }

// The ids of RUNVS.
type (
	// User is the id of a user.
	User = ID[UserKind]
	// Session is the id of a session.
	Session = ID[SessionKind]
	// Chunk is the id of a chunk.
	Chunk = ID[ChunkKind]
	// Record is the id of a record.
	Record = ID[RecordKind]
	// Course is the id of a course.
	Course = ID[CourseKind]
	// Ranking is the id of a ranking.
	Ranking = ID[RankingKind]
	// Family is the id of a family of refresh tokens.
	Family = ID[FamilyKind]
	// Refresh is the id of a refresh token.
	Refresh = ID[RefreshKind]
	// Avatar is the id of a person's picture.
	Avatar = ID[AvatarKind]
)

// Generator makes new ids. The application's clock and randomness stand behind it.
type Generator interface {
	// NewUUID returns the 16 bytes of a fresh version 7 UUID.
	NewUUID() [16]byte
}

// New makes an id of kind K from a generator.
func New[K Kind](g Generator) ID[K] { return ID[K]{b: g.NewUUID()} }

// FromBytes makes an id of its 16 bytes, as storage keeps them.
func FromBytes[K Kind](b [16]byte) ID[K] { return ID[K]{b: b} }

// V7 lays out a version 7 UUID: 48 bits of Unix milliseconds, then random bits.
// Source: RFC 9562 §5.7.
func V7(unixMilli int64, random [10]byte) [16]byte {
	var b [16]byte
	for i := 0; i < 6; i++ {
		b[i] = byte(unixMilli >> (40 - 8*i))
	}
	copy(b[6:], random[:])
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	return b
}

// Parse reads the canonical form of 36 characters, in either case. Braces, URN
// prefixes, the nil UUID and any other length are refused with Invalid.
func Parse[K Kind](s string) (ID[K], error) {
	var x ID[K]
	var k K
	bad := fault.InvalidField("id", "not a %s id: a UUID of 36 characters is needed", k.noun())
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return x, bad
	}
	compact := make([]byte, 0, 32)
	for i := 0; i < len(s); i++ {
		if i != 8 && i != 13 && i != 18 && i != 23 {
			compact = append(compact, s[i])
		}
	}
	if _, err := hex.Decode(x.b[:], compact); err != nil {
		return ID[K]{}, bad
	}
	if x.IsZero() {
		return x, bad
	}
	return x, nil
}

// MustParse is Parse for constants in tests; it panics on bad input.
func MustParse[K Kind](s string) ID[K] {
	x, err := Parse[K](s)
	if err != nil {
		panic(err)
	}
	return x
}

// IsZero reports whether the id is "none".
func (x ID[K]) IsZero() bool { return x.b == [16]byte{} }

// Bytes returns the 16 bytes.
func (x ID[K]) Bytes() [16]byte { return x.b }

// String returns the canonical form in lower case; "" for the zero id.
func (x ID[K]) String() string {
	if x.IsZero() {
		return ""
	}
	var s [36]byte
	hex.Encode(s[0:8], x.b[0:4])
	s[8] = '-'
	hex.Encode(s[9:13], x.b[4:6])
	s[13] = '-'
	hex.Encode(s[14:18], x.b[6:8])
	s[18] = '-'
	hex.Encode(s[19:23], x.b[8:10])
	s[23] = '-'
	hex.Encode(s[24:36], x.b[10:16])
	return string(s[:])
}

// Compare orders ids by their bytes; version 7 ids sort by time of making.
func (x ID[K]) Compare(y ID[K]) int {
	for i := range x.b {
		if x.b[i] != y.b[i] {
			if x.b[i] < y.b[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}
