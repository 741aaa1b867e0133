package tracks

import (
	"strings"
	"unicode"

	"github.com/runvs/runvs/ports"
)

// sports are known by how one of their words begins, in lower case. The first
// word that says something counts: "trail_running", "VirtualRun", "Mountain
// Biking".
var sports = []struct {
	word  string
	sport ports.Sport
}{
	{"run", ports.SportRun}, {"jog", ports.SportRun}, {"treadmill", ports.SportRun}, {"marathon", ports.SportRun}, {"달리기", ports.SportRun}, {"러닝", ports.SportRun}, {"조깅", ports.SportRun},
	{"walk", ports.SportWalk}, {"speedwalk", ports.SportWalk}, {"걷기", ports.SportWalk}, {"산책", ports.SportWalk},
	{"hik", ports.SportHike}, {"trek", ports.SportHike}, {"mountaineer", ports.SportHike}, {"등산", ports.SportHike}, {"하이킹", ports.SportHike},
	{"rid", "ride"}, {"cycl", "ride"}, {"bik", "ride"}, {"bicyc", "ride"}, {"ebik", "ride"}, {"mtb", "ride"}, {"handcycl", "ride"}, {"자전거", "ride"}, {"사이클", "ride"},
	{"swim", "swim"}, {"수영", "swim"},
	{"row", "row"}, {"kayak", "paddle"}, {"cano", "paddle"}, {"paddl", "paddle"}, {"raft", "paddle"},
	{"ski", "ski"}, {"xcski", "ski"}, {"snowboard", "snowboard"}, {"snowsho", "snowshoe"}, {"skat", "skate"}, {"inline", "skate"},
	{"driv", "drive"}, {"motor", "drive"}, {"sail", "sail"}, {"boat", "sail"}, {"surf", "surf"}, {"kitesurf", "surf"}, {"windsurf", "surf"},
	{"velomobil", "ride"}, {"bmx", "ride"}, {"roadbik", "ride"}, {"radfahr", "ride"}, {"fiets", "ride"}, {"triathlon", "triathlon"}, {"duathlon", "triathlon"},
	{"weight", "training"}, {"strength", "training"}, {"crossfit", "training"}, {"stair", "stairs"}, {"climb", "rock_climbing"},
	{"badminton", "ball"}, {"squash", "ball"}, {"pickleball", "ball"}, {"soccer", "ball"}, {"football", "ball"}, {"tennis", "ball"}, {"basketball", "ball"}, {"volleyball", "ball"}, {"rugby", "ball"}, {"cricket", "ball"}, {"hockey", "ball"},
	{"scooter", "drive"}, {"moto", "drive"},
	{"paraglid", "fly"}, {"soar", "fly"}, {"glid", "fly"}, {"wandel", ports.SportWalk}, {"wander", ports.SportHike}, {"gehen", ports.SportWalk}, {"lauf", ports.SportRun},
	{"fly", "fly"}, {"flight", "fly"}, {"golf", "golf"}, {"horse", "horse"}, {"transition", "transition"}, {"elliptical", "elliptical"}, {"yoga", "yoga"}, {"wheelchair", "wheelchair"},
}

// vehicles are words that are one as a whole only: "training" is no train.
var vehicles = map[string]bool{"bus": true, "car": true, "train": true, "tram": true, "taxi": true, "auto": true}

// stravaTypes are the numbers that Strava writes for a type.
var stravaTypes = map[string]ports.Sport{"1": "ride", "2": "ski", "3": "ski", "4": ports.SportHike, "9": ports.SportRun, "10": ports.SportWalk, "16": "swim"}

// sportOf reads the name of a sport, "" for one that is not known.
func sportOf(name string) ports.Sport {
	if s, ok := stravaTypes[name]; ok {
		return s
	}
	for _, word := range words(name) {
		if vehicles[word] {
			return "drive"
		}
		for _, s := range sports {
			if strings.HasPrefix(word, s.word) {
				return s.sport
			}
		}
	}
	return ""
}

// words are the words of a name, in lower case; "TrailRun" has two.
func words(name string) []string {
	var spaced strings.Builder
	small := false
	for _, r := range name {
		if small && unicode.IsUpper(r) {
			spaced.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		spaced.WriteRune(unicode.ToLower(r))
	}
	return strings.FieldsFunc(spaced.String(), func(r rune) bool { return !unicode.IsLetter(r) })
}
