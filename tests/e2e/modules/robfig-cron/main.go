// Says when a CronJob fires. Each line on stdin is a question and each line on stdout its answer, both as JSON.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

type question struct {
	Schedule, TimeZone string
	After, Until       time.Time
}

// Fires are seconds since 1970.
type answer struct {
	Error string  `json:"error"`
	Fires []int64 `json:"fires"`
}

func fires(asked question) answer {
	// The API server parses the schedule alone. The controller puts the zone before it.
	if _, err := cron.ParseStandard(asked.Schedule); err != nil {
		return answer{Error: err.Error()}
	}
	schedule, err := cron.ParseStandard(fmt.Sprintf("TZ=%s %s", asked.TimeZone, asked.Schedule))
	if err != nil {
		return answer{Error: err.Error()}
	}
	found := answer{Fires: []int64{}}
	for at := schedule.Next(asked.After); !at.IsZero() && !at.After(asked.Until); at = schedule.Next(at) {
		found.Fires = append(found.Fires, at.Unix())
	}
	return found
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var asked question
		if err := in.Decode(&asked); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			panic(err)
		}
		if err := out.Encode(fires(asked)); err != nil {
			panic(err)
		}
	}
}
