// kubernetes_yaml says how Kubernetes itself reads YAML and JSON.
//
// It takes a JSON list of texts on standard input and prints a JSON list of answers in the same order: what
// sigs.k8s.io/yaml makes of the text as one document, strictly (a key set twice is an error) and leniently, and the
// documents into which kubectl's decoder takes the text apart.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	kubernetes "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Reading is a document as JSON, or why there is none.
type Reading struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
}

// Answer is everything that is said about one text.
type Answer struct {
	Strict      Reading           `json:"strict"`
	Lenient     Reading           `json:"lenient"`
	Stream      []json.RawMessage `json:"stream"`
	StreamError string            `json:"streamError,omitempty"`
}

func reading(data []byte, err error) Reading {
	if err != nil {
		return Reading{Error: err.Error()}
	}
	return Reading{JSON: data}
}

// guarded turns a panic of the decoder into an error: an answer is owed for every text.
func guarded(decode func([]byte) ([]byte, error), text string) (answer Reading) {
	defer func() {
		if fault := recover(); fault != nil {
			answer = Reading{Error: fmt.Sprint(fault)}
		}
	}()
	return reading(decode([]byte(text)))
}

func stream(text string) ([]json.RawMessage, error) {
	documents := []json.RawMessage{}
	decoder := kubernetes.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return documents, err
		}
		data, err := json.Marshal(document)
		if err != nil {
			return documents, err
		}
		documents = append(documents, data)
	}
}

func answer(text string) Answer {
	result := Answer{
		Strict:  guarded(func(data []byte) ([]byte, error) { return yaml.YAMLToJSONStrict(data) }, text),
		Lenient: guarded(func(data []byte) ([]byte, error) { return yaml.YAMLToJSON(data) }, text),
	}
	documents, err := stream(text)
	result.Stream = documents
	if err != nil {
		result.StreamError = err.Error()
	}
	return result
}

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		fmt.Fprintln(os.Stderr, "expected a JSON list of strings on standard input:", err)
		os.Exit(2)
	}
	answers := make([]Answer, len(texts))
	for number, text := range texts {
		answers[number] = answer(text)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
