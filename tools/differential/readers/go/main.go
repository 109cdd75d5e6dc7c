// What Go's mail packages find in a message. In: a length of four octets and a message; out: a line of JSON.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"mime"
	"net/mail"
	"os"
	"runtime"
	"strings"

	message "github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-message/textproto"
	"github.com/jhillyerd/enmime"
)

type about struct {
	Program string `json:"program"`
	Version string `json:"version"`
	How     string `json:"how"`
}

type config struct {
	name string
	about
	read func([]byte) []string
}

var fields = []string{"From", "Sender", "Resent-From", "Resent-Sender"}
var configs []config

func reads(program, version, how string, read func([]byte) []string) {
	configs = append(configs, config{program + " " + version + ": " + how, about{program, version, how}, read})
}

func texts(list []*mail.Address) []string {
	var out []string
	for _, one := range list {
		out = append(out, one.Address)
	}
	return out
}

// The fields as net/mail reads them, all of each name.
func bodies(octets []byte) []string {
	read, err := mail.ReadMessage(bytes.NewReader(octets))
	if err != nil {
		return nil
	}
	var out []string
	for _, name := range fields {
		out = append(out, read.Header[name]...)
	}
	return out
}

func parsed(octets []byte, change func(string) string) []string {
	var out []string
	for _, body := range bodies(octets) {
		list, err := mail.ParseAddressList(change(body))
		if err == nil {
			out = append(out, texts(list)...)
		}
	}
	return out
}

func main() {
	version := strings.TrimPrefix(runtime.Version(), "go")
	reads("Go net/mail", version, "AddressList", func(octets []byte) []string {
		read, err := mail.ReadMessage(bytes.NewReader(octets))
		if err != nil {
			return nil
		}
		var out []string
		for _, name := range fields {
			if list, err := read.Header.AddressList(name); err == nil {
				out = append(out, texts(list)...)
			}
		}
		return out
	})
	reads("Go net/mail", version, "ParseAddressList, every field", func(octets []byte) []string {
		return parsed(octets, func(body string) string { return body })
	})
	reads("Go net/mail", version, "decoded, then ParseAddressList", func(octets []byte) []string {
		return parsed(octets, func(body string) string {
			decoded, err := new(mime.WordDecoder).DecodeHeader(body)
			if err != nil {
				return body
			}
			return decoded
		})
	})
	reads("Go net/mail", version, "ParseAddress", func(octets []byte) []string {
		var out []string
		for _, body := range bodies(octets) {
			if one, err := mail.ParseAddress(body); err == nil {
				out = append(out, one.Address)
			}
		}
		return out
	})
	reads("Go enmime", os.Getenv("ENMIME"), "AddressList", func(octets []byte) []string {
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(octets))
		if err != nil {
			return nil
		}
		var out []string
		for _, name := range fields {
			if list, err := envelope.AddressList(name); err == nil {
				out = append(out, texts(list)...)
			}
		}
		return out
	})
	reads("Go enmime", os.Getenv("ENMIME"), "GetHeader, then ParseAddressList", func(octets []byte) []string {
		envelope, err := enmime.ReadEnvelope(bytes.NewReader(octets))
		if err != nil {
			return nil
		}
		var out []string
		for _, name := range fields {
			if list, err := mail.ParseAddressList(envelope.GetHeader(name)); err == nil {
				out = append(out, texts(list)...)
			}
		}
		return out
	})
	reads("Go go-message", os.Getenv("GO_MESSAGE"), "AddressList", func(octets []byte) []string {
		entity, err := message.Read(bytes.NewReader(octets))
		if err != nil && entity == nil {
			return nil
		}
		header := gomail.Header{Header: entity.Header}
		var out []string
		for _, name := range fields {
			if list, err := header.AddressList(name); err == nil {
				for _, one := range list {
					out = append(out, one.Address)
				}
			}
		}
		return out
	})
	reads("Go go-message", os.Getenv("GO_MESSAGE"), "written anew and read again", func(octets []byte) []string {
		entity, err := message.Read(bytes.NewReader(octets))
		if err != nil && entity == nil {
			return nil
		}
		var again bytes.Buffer
		if err := textproto.WriteHeader(&again, entity.Header.Header); err != nil {
			return nil
		}
		return parsed(again.Bytes(), func(body string) string { return body })
	})

	out := json.NewEncoder(os.Stdout)
	hello := map[string]about{}
	for _, one := range configs {
		hello[one.name] = one.about
	}
	out.Encode(map[string]interface{}{"configs": hello})
	for {
		var length uint32
		if binary.Read(os.Stdin, binary.BigEndian, &length) != nil {
			return
		}
		octets := make([]byte, length)
		if _, err := io.ReadFull(os.Stdin, octets); err != nil {
			return
		}
		said := map[string][]string{}
		for _, one := range configs {
			if found := quietly(one.read, octets); len(found) > 0 {
				said[one.name] = found
			}
		}
		out.Encode(said)
	}
}

// A package that panics reads nobody.
func quietly(read func([]byte) []string, octets []byte) (found []string) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	return read(octets)
}
