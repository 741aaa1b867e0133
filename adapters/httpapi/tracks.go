package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/adapters/httpapi/web"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/ports"
)

// TrackFormat is how a track is wanted.
type TrackFormat struct {
	Format string `query:"format" enum:"geojson,polyline,gpx,tcx,fit,kml" default:"geojson"`
}

// trackMedia are the media types of files. Those of KML and GeoJSON are registered at
// IANA; the others are what everybody says.
var trackMedia = map[ports.TrackFormat]string{
	ports.GPX:     "application/gpx+xml",
	ports.TCX:     "application/vnd.garmin.tcx+xml",
	ports.FIT:     "application/vnd.ant.fit",
	ports.KML:     "application/vnd.google-earth.kml+xml",
	ports.GeoJSON: mediaGeoJSON,
}

const mediaGeoJSON = "application/geo+json"

// Polyline is a line in Google's encoding.
type Polyline struct {
	Polyline  string `json:"polyline"`
	Precision int    `json:"precision" enum:"5"`
}

// TrackFeature is a track in GeoJSON with what is told of it.
type TrackFeature struct {
	Type       string          `json:"type" enum:"Feature"`
	Geometry   Track           `json:"geometry"`
	Properties TrackProperties `json:"properties"`
}

// Track is a line, or one for each part of a run that has several.
type Track struct {
	Type        string            `json:"type" enum:"LineString,MultiLineString"`
	Coordinates PerFix[[]float64] `json:"coordinates" doc:"Longitude, latitude and, where it is known, altitude"`
}

// TrackProperties are what a track says of itself.
type TrackProperties struct {
	Name                 string                `json:"name"`
	Activity             string                `json:"activity" enum:"run,walk,hike"`
	CoordinateProperties *CoordinateProperties `json:"coordinateProperties,omitempty" doc:"In the shape of the coordinates; a course has none"`
}

// CoordinateProperties are what is told of each place of a run. A reading that no
// place has is left out.
type CoordinateProperties struct {
	Times    PerFix[string]   `json:"times"`
	Heart    PerFix[*float64] `json:"heart,omitempty" doc:"Beats a minute"`
	Cads     PerFix[*float64] `json:"cads,omitempty" doc:"Steps a minute of one foot, as in other files of tracks"`
	Accuracy PerFix[*float64] `json:"accuracy,omitempty" doc:"Metres"`
}

// PerFix is a list of one value for each fix, or of such lists, one for each part.
type PerFix[T any] struct{}

// Schema implements huma.SchemaProvider.
func (PerFix[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{
		r.Schema(reflect.TypeFor[[]T](), false, ""),
		r.Schema(reflect.TypeFor[[][]T](), false, ""),
	}}
}

// trackAnswers describes what trackFile writes.
func (s *Server) trackAnswers() map[int]web.Media {
	media := web.Media{fiber.MIMEApplicationJSON: s.SchemaOf(Polyline{})}
	for _, m := range trackMedia {
		media[m] = web.Binary()
	}
	media[mediaGeoJSON] = s.SchemaOf(TrackFeature{})
	return map[int]web.Media{200: media}
}

// trackFile writes a track in a format, to a file of a name.
func (s *Server) trackFile(t ports.Track, format, name string) (*file, error) {
	if format == "polyline" {
		var points []geo.Point
		for _, part := range t.Parts {
			for _, f := range part.Fixes {
				points = append(points, f.Point)
			}
		}
		return jsonFile(fiber.MIMEApplicationJSON, Polyline{Polyline: encodePolyline(points), Precision: 5})
	}
	data, err := s.app.WriteTrack(t, ports.TrackFormat(format))
	return &file{ContentType: trackMedia[ports.TrackFormat(format)], Disposition: `attachment; filename="` + name + "." + format + `"`, Body: data}, err
}
