package run

// Stretch returns the samples of a profile without those of so many metres at
// either end; distances are from the new start.
func Stretch(profile []ProfileSample, cutMeters float64) []ProfileSample {
	out := []ProfileSample{}
	if len(profile) == 0 {
		return out
	}
	end := profile[len(profile)-1].DistanceMeters - cutMeters
	for _, s := range profile {
		if s.DistanceMeters >= cutMeters && s.DistanceMeters <= end {
			s.DistanceMeters = round(s.DistanceMeters-cutMeters, 1)
			out = append(out, s)
		}
	}
	return out
}

// ClimbOf is ClimbAlong for a profile.
func ClimbOf(profile []ProfileSample) Climb {
	along := make([]float64, len(profile))
	for i, s := range profile {
		along[i] = s.DistanceMeters
	}
	return CurrentMeasure().Climb.timeless(ascent{along: along, altitude: func(i int) float64 { return profile[i].AltitudeMeters }})
}
