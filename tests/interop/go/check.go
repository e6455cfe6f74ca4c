package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/transparency-dev/formats/log"
	tlogproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// openHead returns what the owner of the key signed; the origin is the key's name.
func openHead(key string, signed []byte) (*log.Checkpoint, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("verifier key: %w", err)
	}
	head, rest, _, err := log.ParseCheckpoint(signed, verifier.Name(), verifier)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("expected three lines in the head, found more: %q", rest)
	}
	if len(head.Hash) != tlog.HashSize {
		return nil, fmt.Errorf("expected a root of %d bytes, found %d", tlog.HashSize, len(head.Hash))
	}
	return head, nil
}

func checkHead(key string, signed []byte) (string, error) {
	head, err := openHead(key, signed)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("signed: %d frames, root %x", head.Size, head.Hash), nil
}

// checkFrame checks a C2SP tlog-proof with both libraries, which must agree.
func checkFrame(key string, text, frameHash []byte) (string, error) {
	var found tlogproof.TLogProof
	if err := found.Unmarshal(text); err != nil {
		return "", err
	}
	head, err := openHead(key, found.Checkpoint)
	if err != nil {
		return "", err
	}
	hashes, record := [][]byte{}, tlog.RecordProof{}
	for _, each := range found.Hashes {
		hashes, record = append(hashes, each[:]), append(record, tlog.Hash(each))
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(frameHash)
	first := proof.VerifyInclusion(rfc6962.DefaultHasher, found.Index, head.Size, leaf, hashes, head.Hash)
	second := tlog.CheckRecord(record, int64(head.Size), tlog.Hash(head.Hash), int64(found.Index), tlog.RecordHash(frameHash))
	if err := agreed(first, second); err != nil {
		return "", err
	}
	return fmt.Sprintf("held: frame %d is in the head of %d frames", found.Index+1, head.Size), nil
}

// checkGrowth checks the request that a C2SP witness takes with both libraries, which must agree.
func checkGrowth(key string, oldHead, text []byte) (string, error) {
	old, err := openHead(key, oldHead)
	if err != nil {
		return "", fmt.Errorf("older head: %w", err)
	}
	top, signed, _ := bytes.Cut(text, []byte("\n\n"))
	head, err := openHead(key, signed)
	if err != nil {
		return "", err
	}
	size, hashes, err := parseGrowth(string(top))
	if err != nil {
		return "", err
	}
	if size != old.Size {
		return "", fmt.Errorf("expected a proof from size %d, found one from %d", old.Size, size)
	}
	tree := tlog.TreeProof{}
	for _, each := range hashes {
		tree = append(tree, tlog.Hash(each))
	}
	first := proof.VerifyConsistency(rfc6962.DefaultHasher, old.Size, head.Size, hashes, old.Hash, head.Hash)
	second := tlog.CheckTree(tree, int64(head.Size), tlog.Hash(head.Hash), int64(old.Size), tlog.Hash(old.Hash))
	if err := agreed(first, second); err != nil {
		return "", err
	}
	return fmt.Sprintf("goes on: the head of %d frames begins with the head of %d", head.Size, old.Size), nil
}

// parseGrowth reads the line of the old size and the lines of the hashes.
func parseGrowth(top string) (uint64, [][]byte, error) {
	lines := strings.Split(top, "\n")
	digits, found := strings.CutPrefix(lines[0], "old ")
	if !found {
		return 0, nil, fmt.Errorf("expected a line `old SIZE`, found %q", lines[0])
	}
	size, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return 0, nil, err
	}
	hashes := [][]byte{}
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(hash) != tlog.HashSize {
			return 0, nil, fmt.Errorf("expected a hash of %d bytes in base64, found %q", tlog.HashSize, line)
		}
		hashes = append(hashes, hash)
	}
	return size, hashes, nil
}

// agreed returns the libraries' answer; that they differ is an error of its own.
func agreed(first, second error) error {
	if (first == nil) != (second == nil) {
		return fmt.Errorf("the libraries disagree: transparency-dev/merkle says %v, x/mod says %v", first, second)
	}
	return first
}
