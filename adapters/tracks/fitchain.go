package tracks

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/muktihari/fit/kit/hash/crc16"
)

// minHeaderBytes is a FIT file's header without a checksum of its own.
const minHeaderBytes = 12

var errNotFIT = badTrack("the FIT file is cut off or broken")

// chainedFIT is one of the FIT files that may stand in one, chained. As a reader it
// gives the decoder the same file with a header that is right: devices that lose
// power leave a length of 0, and many write headers of 12 bytes or no checksums.
type chainedFIT struct {
	io.Reader
	data *io.LimitedReader
	sums [2]checksum // of the data, and of the header too: writers differ
}

// checksum is that of the FIT protocol.
type checksum interface {
	io.Writer
	Sum16() uint16
}

// nextFIT reads the header of the next file of a source, io.EOF behind the last.
func nextFIT(src *source) (*chainedFIT, error) {
	head, err := src.Peek(minHeaderBytes)
	if errors.Is(err, io.EOF) && len(head) == 0 {
		return nil, io.EOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) < minHeaderBytes || string(head[8:12]) != ".FIT" || head[0] < minHeaderBytes {
		return nil, errNotFIT
	}
	length := binary.LittleEndian.Uint32(head[4:8])
	f := &chainedFIT{sums: [2]checksum{crc16.New(), crc16.New()}}
	given := make([]byte, head[0])
	if _, err := io.ReadFull(src, given); err != nil {
		return nil, broken(err, errNotFIT.Message)
	}
	_, _ = f.sums[1].Write(given) // it never fails
	if length == 0 {              // it goes on to the end
		length = math.MaxUint32
	}
	header := append([]byte{minHeaderBytes}, given[1:4]...)
	header = append(binary.LittleEndian.AppendUint32(header, length), ".FIT"...)
	f.data = &io.LimitedReader{R: src, N: int64(length)}
	f.Reader = io.MultiReader(bytes.NewReader(header), io.TeeReader(f.data, f), bytes.NewReader([]byte{0, 0}))
	return f, nil
}

// close reads what is left of the file, and reports whether all of it was there,
// as it was written. A checksum of 0 was never written.
func (f *chainedFIT) close(src *source) (whole bool, err error) {
	if _, err := io.Copy(f, f.data); err != nil {
		return false, err
	}
	var written [2]byte
	n, err := io.ReadFull(src, written[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	sum := binary.LittleEndian.Uint16(written[:])
	right := sum == 0 || sum == f.sums[0].Sum16() || sum == f.sums[1].Sum16()
	return n == len(written) && right, nil
}

// Write implements io.Writer: it sums up data.
func (f *chainedFIT) Write(data []byte) (int, error) {
	_, _ = f.sums[0].Write(data) // it never fails
	return f.sums[1].Write(data)
}
