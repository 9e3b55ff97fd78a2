// Go: starts a run, waits for it, and reads the bars as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

// Null where there was no trade.
type Bar struct {
	Date                           string
	Open, High, Low, Close, Volume *float64
}

type RawData struct {
	Timestamp, CompanyID, CompanyName, StockCode string
	Data                                         []Bar
}

func ask(method, url, body string, answer any) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Prefer", "wait=30")
	if token := os.Getenv("DATAINFRA_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		log.Fatal(url, ": ", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		log.Fatal(err)
	}
}

func main() {
	url := os.Getenv("DATAINFRA_URL")
	if url == "" {
		url = "http://127.0.0.1:8080"
	}
	var run struct{ ID, State string }
	ask("POST", url+"/jobs/stock/run", `{"companies":["7203"]}`, &run)
	log.Print("run ", run.ID, " ", run.State)

	var answer RawData
	ask("GET", url+"/api/v1/stockprices/rawdata/7203?startDate=2024-01-01", "", &answer)
	sum, closes := 0.0, 0
	for _, bar := range answer.Data {
		if bar.Close != nil {
			sum, closes = sum+*bar.Close, closes+1
		}
	}
	last := answer.Data[len(answer.Data)-1].Date
	fmt.Printf("%d bars until %s, mean close %.2f\n", len(answer.Data), last, sum/float64(closes))
}
