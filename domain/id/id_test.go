package id

import (
	"bytes"
	"cmp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runvs/runvs/domain/fault"
)

// sixteen draws the bytes of an id.
func sixteen(t *rapid.T, label string) (b [16]byte) {
	copy(b[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, label))
	return b
}

func TestAnIDIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := FromBytes[UserKind](sixteen(t, "id"))
		if x.IsZero() {
			t.Skip("none")
		}
		for _, s := range []string{x.String(), strings.ToUpper(x.String())} {
			if got, err := Parse[UserKind](s); err != nil || got != x || got.Bytes() != x.Bytes() {
				t.Fatalf("%s is read as %s, %v", s, got, err)
			}
		}
	})
}

func TestTheSpellingOfAnID(t *testing.T) {
	const want = "01234567-89ab-cdef-fedc-ba9876543210"
	x := FromBytes[CourseKind]([16]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10})
	if x.String() != want || MustParse[CourseKind](want) != x {
		t.Errorf("%s, want %s", x, want)
	}
	if none := (Course{}); none.String() != "" || !none.IsZero() || x.IsZero() {
		t.Errorf("no id is %q", none)
	}
}

func TestWhatIsNoID(t *testing.T) {
	const good = "0199b0a2-0000-7000-8000-000000000001"
	for name, s := range map[string]string{
		"empty": "", "nil": "00000000-0000-0000-0000-000000000000", "braces": "{" + good + "}", "URN": "urn:uuid:" + good,
		"no dashes": strings.ReplaceAll(good, "-", ""), "too short": good[:35], "too long": good + "0", "not hexadecimal": "g" + good[1:],
		"a dash early": "0199b0a-20000-7000-8000-000000000001", "the second dash late": "0199b0a2-00007-000-8000-000000000001",
		"the third dash late": "0199b0a2-0000-70008-000-000000000001", "the last dash late": "0199b0a2-0000-7000-80000-00000000001",
		"no first dash": good[:8] + "0" + good[9:], "no second dash": good[:13] + "0" + good[14:], "no third dash": good[:18] + "0" + good[19:],
		"no last dash": good[:23] + "0" + good[24:], "a dash too many": "0199b0a2-0000-7000-8000-00000000000-", "wide digits": good[:33] + "１",
	} {
		if got, err := Parse[SessionKind](s); fault.KindOf(err) != fault.Invalid || got != (Session{}) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// noun is what the fault of a kind calls its ids.
func noun[K Kind]() string {
	_, err := Parse[K]("?")
	_, after, _ := strings.Cut(fault.As(err).Message, "not a ")
	before, _, _ := strings.Cut(after, " id:")
	return before
}

func TestAFaultSaysOfWhatTheIDIs(t *testing.T) {
	for want, got := range map[string]string{
		"user": noun[UserKind](), "session": noun[SessionKind](), "chunk": noun[ChunkKind](), "run": noun[RecordKind](), "course": noun[CourseKind](),
		"ranking": noun[RankingKind](), "token family": noun[FamilyKind](), "refresh token": noun[RefreshKind](), "picture": noun[AvatarKind](),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestIDsAreOrderedByTheirBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := sixteen(t, "a"), sixteen(t, "b")
		if rapid.Bool().Draw(t, "alike") { // else they seldom share a byte
			copy(b[:], a[:rapid.IntRange(0, 16).Draw(t, "bytes")])
		}
		x, y := FromBytes[RecordKind](a), FromBytes[RecordKind](b)
		if got, want := x.Compare(y), bytes.Compare(a[:], b[:]); got != want {
			t.Fatalf("%s to %s is %d, want %d", x, y, got, want)
		}
		if got := x.Compare(y); !x.IsZero() && !y.IsZero() && got != cmp.Compare(x.String(), y.String()) {
			t.Fatalf("the texts %s and %s are in another order", x, y)
		}
	})
}

func TestVersionSevenSortsByTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var random [10]byte
		copy(random[:], rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "random"))
		ms := rapid.Int64Range(0, 1<<48-2).Draw(t, "ms")
		b := V7(ms, random)
		got := int64(0)
		for _, x := range b[:6] {
			got = got<<8 | int64(x)
		}
		if got != ms || b[6]>>4 != 7 || b[8]>>6 != 0b10 {
			t.Fatalf("%x of %d ms", b, ms)
		}
		if b[6]&0x0f != random[0]&0x0f || b[7] != random[1] || b[8]&0x3f != random[2]&0x3f || !bytes.Equal(b[9:], random[3:]) {
			t.Fatalf("%x does not hold the random bits of %x", b, random)
		}
		if later := V7(ms+1, [10]byte{}); bytes.Compare(b[:], later[:]) >= 0 {
			t.Fatalf("%x is not before %x", b, later)
		}
	})
}

// counter is a generator of ids that count.
type counter byte

func (c *counter) NewUUID() [16]byte {
	*c++
	return [16]byte{15: byte(*c)}
}

func TestEachNewIDIsAnother(t *testing.T) {
	var c counter
	if a, b := New[UserKind](&c), New[UserKind](&c); a == b || a.IsZero() || b.Bytes() != [16]byte{15: 2} {
		t.Errorf("%s and %s", a, b)
	}
}

func TestAConstantThatIsNoIDPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustParse[UserKind]("mina")
}
