package judge

import (
	"context"
	"fmt"
	"os"
	"strings"
)

func DebugTrace(c *Course, fixes []Fix, from, to float64) {
	r, _ := c.readings(context.Background(), fixes)
	best, _, _ := r.judge(context.Background(), nil)
	var way []stride
	if best != nil {
		way = best.way
		fmt.Fprintf(os.Stderr, "effort %v to %v\n", best.start, best.finish)
	} else {
		way = r.trace(r.best.at, max(0, r.best.fix))
	}
	for k, s := range way {
		a := r.run[s.fix]
		if s.progress >= from && s.progress <= to || s.leap && strings.Contains(os.Getenv("DBG"), "leap") {
			leap := ""
			if s.leap {
				leap = "LEAP"
			}
			ran := 0.0
			if k > 0 {
				ran = a.travelled - r.run[way[k-1].fix].travelled
			}
			fmt.Fprintf(os.Stderr, "fix %d p %.0f dev %.0f s %.0f t %.0f ran %.0f %s\n", s.fix, s.progress, a.deviation, a.travelled, a.seconds, ran, leap)
		}
	}
	fmt.Fprintf(os.Stderr, "L %.0f speed %.2f start dist %.0f end dist %.0f\n", r.length, r.speed, r.run[0].at.Sub(r.start.at).Norm(), r.run[len(r.run)-1].at.Sub(r.finishGate.at).Norm())
}

func init() {
	if os.Getenv("MOM") == "" {
		return
	}
	debugMoments = func(m []moment, pace float64, n int, after float64) {
		fmt.Fprintf(os.Stderr, "pace %.3f n %d after %.1f %.1f\n", pace, n, after, m)
	}
}
