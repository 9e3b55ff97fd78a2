# R, without a package.
url <- paste0(Sys.getenv("DATAINFRA_URL", "http://127.0.0.1:8080"), "/api/v1/stockprices/rawdata/7203?startDate=2024-01-01")

bars <- read.csv(paste0(url, "&format=csv"), colClasses = c(date = "Date"))
cat(sprintf("%d bars until %s, mean close %.2f\n", nrow(bars), max(bars$date), mean(bars$close, na.rm = TRUE)))
