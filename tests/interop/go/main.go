// Command proofcheck checks heads and proofs of a facility with public libraries of transparency logs only: none of
// the code that made them is used. An outsider may build it and needs nothing else.
//
//	proofcheck head VKEY HEAD
//	proofcheck frame VKEY PROOF FRAME_HASH
//	proofcheck growth VKEY OLD_HEAD PROOF
//	proofcheck batch < CASES         one JSON array of cases in, one of answers out
//	proofcheck make COUNT            a log made and proven by the public libraries, as JSON
//
// Exit code 0: it holds. 1: it does not, with the reason on stderr. 2: wrong usage.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
)

const usage = "usage: proofcheck head VKEY HEAD | frame VKEY PROOF FRAME_HASH | growth VKEY OLD_HEAD PROOF | batch | make COUNT"

func main() {
	words, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "proofcheck:", err)
		os.Exit(1)
	}
	if words == "" {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	fmt.Println(words)
}

// run does what the arguments say and returns what it found; no words mean wrong usage.
func run(arguments []string) (string, error) {
	verb, rest := "", []string{}
	if len(arguments) > 0 {
		verb, rest = arguments[0], arguments[1:]
	}
	switch {
	case verb == "head" && len(rest) == 2:
		note, err := os.ReadFile(rest[1])
		if err != nil {
			return "", err
		}
		return checkHead(rest[0], note)
	case verb == "frame" && len(rest) == 3:
		proof, err := os.ReadFile(rest[1])
		if err != nil {
			return "", err
		}
		hash, err := hex.DecodeString(rest[2])
		if err != nil {
			return "", fmt.Errorf("expected the frame's hash in hexadecimal: %w", err)
		}
		return checkFrame(rest[0], proof, hash)
	case verb == "growth" && len(rest) == 3:
		old, err := os.ReadFile(rest[1])
		if err != nil {
			return "", err
		}
		proof, err := os.ReadFile(rest[2])
		if err != nil {
			return "", err
		}
		return checkGrowth(rest[0], old, proof)
	case verb == "batch" && len(rest) == 0:
		return batch(os.Stdin)
	case verb == "make" && len(rest) == 1:
		count, err := strconv.ParseInt(rest[0], 10, 64)
		if err != nil {
			return "", err
		}
		return makeLog(count)
	}
	return "", nil
}

// testCase is one thing to check; bytes travel as base64, as encoding/json has them.
type testCase struct {
	Kind      string `json:"kind"`
	Key       string `json:"key"`
	OldHead   []byte `json:"old_head"`
	Data      []byte `json:"data"`
	FrameHash []byte `json:"frame_hash"`
}

// batch checks many cases and returns an array of errors, each empty where the case holds.
func batch(input io.Reader) (string, error) {
	var cases []testCase
	if err := json.NewDecoder(input).Decode(&cases); err != nil {
		return "", fmt.Errorf("expected a JSON array of cases: %w", err)
	}
	answers := make([]string, len(cases))
	for i, each := range cases {
		if _, err := each.check(); err != nil {
			answers[i] = err.Error()
		}
	}
	text, err := json.Marshal(answers)
	return string(text), err
}

func (each testCase) check() (string, error) {
	switch each.Kind {
	case "head":
		return checkHead(each.Key, each.Data)
	case "frame":
		return checkFrame(each.Key, each.Data, each.FrameHash)
	case "growth":
		return checkGrowth(each.Key, each.OldHead, each.Data)
	}
	return "", fmt.Errorf("expected head, frame or growth, found %q", each.Kind)
}
