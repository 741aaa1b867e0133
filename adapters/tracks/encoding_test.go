package tracks

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

func TestTextInManyEncodings(t *testing.T) {
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy) encoding.Encoding { return unicode.UTF16(e, bom) }
	for name, c := range map[string]struct {
		declaration string
		in          encoding.Encoding
		title       string
	}{
		"UTF-8":                         {`<?xml version="1.0" encoding="UTF-8"?>`, encoding.Nop, "한강"},
		"nothing declared":              {``, encoding.Nop, "한강"},
		"XML 1.1":                       {`<?xml version="1.1" encoding="UTF-8"?>`, encoding.Nop, "한강"},
		"XML 2.0":                       {`<?xml version="2.0"?>`, encoding.Nop, "한강"},
		"space before":                  {"\n\t" + `<?xml version='1.0' encoding='utf-8' standalone='yes' ?>`, encoding.Nop, "한강"},
		"a mark of order":               {"\ufeff" + `<?xml version="1.0"?>`, encoding.Nop, "한강"},
		"ISO-8859-1":                    {`<?xml version="1.0" encoding="ISO-8859-1"?>`, charmap.ISO8859_1, "Frühlauf"},
		"ISO-8859-2":                    {`<?xml version="1.1" encoding="iso-8859-2"?>`, charmap.ISO8859_2, "Běh"},
		"windows-1251":                  {`<?xml version="1.0" encoding="windows-1251"?>`, charmap.Windows1251, "Бег"},
		"windows-1252":                  {`<?xml version="1.0" encoding="Windows-1252"?>`, charmap.Windows1252, "Fr“üh”"},
		"EUC-KR":                        {`<?xml version="1.0" encoding="EUC-KR"?>`, korean.EUCKR, "한강"},
		"EUC-KR by another name":        {`<?xml version="1.0" encoding="CP949"?>`, korean.EUCKR, "한강"},
		"Shift-JIS":                     {`<?xml version="1.0" encoding="Shift_JIS"?>`, japanese.ShiftJIS, "皇居ラン"},
		"GB18030":                       {`<?xml version="1.0" encoding="GB18030"?>`, simplifiedchinese.GB18030, "跑步"},
		"UTF-16, little":                {`<?xml version="1.0" encoding="UTF-16"?>`, utf16(unicode.LittleEndian, unicode.UseBOM), "한강"},
		"UTF-16, big":                   {`<?xml version="1.0" encoding="UTF-16"?>`, utf16(unicode.BigEndian, unicode.UseBOM), "한강"},
		"UTF-16 without a mark":         {`<?xml version="1.0" encoding="UTF-16"?>`, utf16(unicode.LittleEndian, unicode.IgnoreBOM), "한강"},
		"UTF-16BE without a mark":       {`<?xml version="1.1" encoding="UTF-16BE"?>`, utf16(unicode.BigEndian, unicode.IgnoreBOM), "한강"},
		"UTF-16 that is UTF-8":          {`<?xml version="1.0" encoding="utf-16"?>`, encoding.Nop, "한강"},
		"an encoding that there is not": {`<?xml version="1.0" encoding="x-mine"?>`, encoding.Nop, "한강"},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := c.in.NewEncoder().String(c.declaration + "<gpx><trk><name>" + c.title + "</name><trkseg>" + points(0, 3) + "</trkseg></trk></gpx>")
			if err != nil {
				t.Fatal(err)
			}
			if a := read(t, []byte(data)); a.Name != c.title || len(a.Fixes()) != 3 {
				t.Errorf("%q of %d points, want %q", a.Name, len(a.Fixes()), c.title)
			}
		})
	}
}

func TestStrayBytesAreReplaced(t *testing.T) {
	for _, c := range []struct{ name, want string }{{"Caf\xe9", "Caf\ufffd"}, {"a\x00b\x0bc", "a\ufffdb\ufffdc"}, {"\ufffe", "\ufffd"}} {
		if got := read(t, []byte("<?xml version='1.0' encoding='UTF-8'?><gpx><trk><name>"+c.name+"</name><trkseg>"+points(0, 3)+"</trkseg></trk></gpx>\x00\x00")).Name; got != c.want {
			t.Errorf("%q is %q, want %q", c.name, got, c.want)
		}
	}
	if got := read(t, []byte(strings.Replace(gpx11, "Morning", "Mor\xffning", 1))).Name; got != "Mor\ufffdning & mist" {
		t.Errorf("%q", got)
	}
}
