# curl, in a shell: CSV, sent again only when something has changed.
url=${DATAINFRA_URL:-http://127.0.0.1:8080}/api/v1/stockprices/rawdata/7203

curl -sS --fail --compressed --etag-compare 7203.etag --etag-save 7203.etag -o 7203.csv \
    "$url?startDate=2024-01-01&format=csv"
awk -F, 'NR > 1 { date = $1; if ($5 != "") { sum += $5; closes++ } }
         END { printf "%d bars until %s, mean close %.2f\n", NR - 1, date, sum / closes }' 7203.csv
