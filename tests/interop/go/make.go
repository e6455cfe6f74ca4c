package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/transparency-dev/formats/log"
	tlogproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "tarazy/000102030405060708090a0b0c0d0e0f"

// madeLog is a log with its key, its heads of every size from 1, and every proof under the last head.
type madeLog struct {
	Key    string   `json:"key"`
	Heads  []string `json:"heads"`
	Frames []string `json:"frames"`
	Growth []string `json:"growth"`
}

// makeLog makes a log whose entry i is the SHA-256 of the number i, little-endian in 8 bytes, from 1.
func makeLog(count int64) (string, error) {
	signing, key, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", err
	}
	signer, err := note.NewSigner(signing)
	if err != nil {
		return "", err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	made := madeLog{Key: key}
	for n := int64(0); n < count; n++ {
		hashes, err := tlog.StoredHashes(n, entry(n), reader)
		if err != nil {
			return "", err
		}
		stored = append(stored, hashes...)
		head, err := signHead(n+1, reader, signer)
		if err != nil {
			return "", err
		}
		made.Heads = append(made.Heads, head)
	}
	if err := made.prove(count, reader); err != nil {
		return "", err
	}
	text, err := json.Marshal(made)
	return string(text), err
}

func signHead(size int64, reader tlog.HashReader, signer note.Signer) (string, error) {
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return "", err
	}
	text := log.Checkpoint{Origin: origin, Size: uint64(size), Hash: root[:]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	return string(signed), err
}

// prove adds the proofs of every frame and of every older size under the last head.
func (made *madeLog) prove(count int64, reader tlog.HashReader) error {
	last := made.Heads[count-1]
	for n := int64(0); n < count; n++ {
		record, err := tlog.ProveRecord(count, n, reader)
		if err != nil {
			return err
		}
		found := tlogproof.TLogProof{Index: uint64(n), Checkpoint: []byte(last), ExtraData: entry(n)}
		for _, each := range record {
			found.Hashes = append(found.Hashes, each)
		}
		made.Frames = append(made.Frames, string(found.Marshal()))
		tree, err := tlog.ProveTree(count, n+1, reader)
		if err != nil {
			return err
		}
		lines := []string{fmt.Sprintf("old %d", n+1)}
		for _, each := range tree {
			lines = append(lines, base64.StdEncoding.EncodeToString(each[:]))
		}
		made.Growth = append(made.Growth, strings.Join(lines, "\n")+"\n\n"+last)
	}
	return nil
}

func entry(n int64) []byte {
	hash := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n+1)))
	return hash[:]
}
