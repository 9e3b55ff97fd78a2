use std::io::{self, Write as _};

use encoding_rs::SHIFT_JIS;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::stock::{calendar::real_data, issues::segment};

const CSV: &str = include_str!("../../../tests/fixtures/jpx/data_j.csv");
const XLS: &[u8] = include_bytes!("../../../tests/fixtures/jpx/data_j.xls");
const XLSX: &[u8] = include_bytes!("../../../tests/fixtures/jpx/data_j.xlsx");
const V1_JSON: &str = include_str!("../../../tests/fixtures/jquants/companies_v1.json");
const V2_JSON: &str = include_str!("../../../tests/fixtures/jquants/companies_v2.json");
const PLAIN: &str = "company_id,company_name,stock_code,country_code,listed_market\n0099,新会社,130A,JP,グロース\n";

fn list(bytes: &[u8]) -> (String, IssueList) {
    let file = read(bytes, None).unwrap();
    let Content::Issues(list) = file.content else { panic!("{} is no list", file.layout) };
    (file.layout, list)
}

fn problems(bytes: &[u8]) -> String {
    read(bytes, None).unwrap_err().to_string()
}

fn codes(list: &IssueList) -> Vec<&str> {
    list.issues.iter().map(|issue| issue.code.as_str()).collect()
}

#[test]
fn jpx_s_list_is_read_in_each_of_its_forms() {
    let (cp932, _, _) = SHIFT_JIS.encode(CSV);
    let marked = format!("\u{feff}{CSV}");
    let forms: [(&[u8], &str); 5] = [
        (CSV.as_bytes(), "JPX data_j (CSV, UTF-8)"),
        (marked.as_bytes(), "JPX data_j (CSV, UTF-8 with a byte order mark)"),
        (&cp932, "JPX data_j (CSV, cp932)"),
        (XLS, "JPX data_j (XLS)"),
        (XLSX, "JPX data_j (XLSX)"),
    ];
    let first = list(forms[0].0).1;
    assert_eq!(codes(&first), ["1301", "1306", "130A", "25935", "8951"]);
    assert_eq!((first.source, first.as_of.to_string().as_str(), first.complete), ("jpx", "2024-06-28", true));
    assert_eq!(first.issues[0].segment.as_deref(), Some("プライム（内国株式）"));
    for (bytes, layout) in forms {
        let (found, list) = list(bytes);
        assert_eq!((found.as_str(), &list), (layout, &first));
    }
}

#[test]
fn j_quants_master_is_read_in_each_of_its_forms() {
    let csv = "Code,Date,CompanyName,MarketCodeName\n13010,2024-06-28 00:00:00+00:00,甲水産,プライム\n";
    let (cp932, _, _) = SHIFT_JIS.encode(csv);
    let (layout, one) = list(&cp932);
    assert_eq!((layout.as_str(), codes(&one)), ("J-Quants master V1 (CSV, cp932)", vec!["1301"]));
    assert!(!one.complete, "one segment of three");
    let short = csv.replace("CompanyName", "CoName").replace("MarketCodeName", "MktNm");
    assert_eq!(list(short.as_bytes()), ("J-Quants master V2 (CSV, UTF-8)".to_owned(), one));

    let enveloped = format!("{{\"info\":{V1_JSON}}}");
    let (layout, whole) = list(V1_JSON.as_bytes());
    assert_eq!((layout.as_str(), codes(&whole)), ("J-Quants master V1 (JSON)", vec!["1301", "130A", "25935", "1306"]));
    assert_eq!((whole.source, whole.as_of.to_string().as_str(), whole.complete), ("jquants", "2024-06-28", true));
    assert_eq!(list(enveloped.as_bytes()).1, whole);
    assert_eq!(list(V2_JSON.as_bytes()), ("J-Quants master V2 (JSON)".to_owned(), whole));
}

#[test]
fn the_plain_csv_gives_companies_with_their_ids() {
    let (cp932, _, _) = SHIFT_JIS.encode(PLAIN);
    for (bytes, layout) in [(PLAIN.as_bytes(), "plain (CSV, UTF-8)"), (&cp932, "plain (CSV, cp932)")] {
        let file = read(bytes, None).unwrap();
        assert_eq!(file.layout, layout);
        let Content::Companies(companies) = file.content else { panic!("a list") };
        let (line, company) = &companies[0];
        assert_eq!((*line, company.company_id.as_str(), company.company_name.as_str()), (2, "0099", "新会社"));
    }
    assert!(problems(b"company_id,stock_code\n1,2\n").contains("line 1, company_name: is missing from the header"));
}

#[test]
fn the_day_may_be_said_and_must_be_one() {
    let day = "2024-07-01".parse().unwrap();
    let Content::Issues(list) = read(CSV.as_bytes(), Some(day)).unwrap().content else { panic!("no list") };
    assert_eq!(list.as_of, day);
    let other = CSV.replacen("20240628,1306", "20240629,1306", 1);
    assert_eq!(
        problems(other.as_bytes()),
        "line 3, 日付: 2024-06-29 is another day than the 2024-06-28 of the rows before"
    );
    let dayless = "Code,CompanyName,MarketCodeName\n13010,甲水産,プライム\n";
    assert_eq!(problems(dayless.as_bytes()), "does not say of which day it is; say so with --as-of");
    assert!(read(dayless.as_bytes(), Some(day)).is_ok());
}

#[test]
fn everything_wrong_with_a_list_is_said_at_once_with_its_line() {
    let text = format!(
        "日付,コード,銘柄名,市場・商品区分\n20240628,1301,甲,プライム（内国株式）\n\n20240628,13O1,乙,-\n2024062,1301,,-\n\
         20240628,1302\n20240628,1303,{},-\n",
        "長".repeat(257)
    );
    let field_counts = "line 6: has 2 fields, the header has 4";
    assert_eq!(problems(text.as_bytes()), field_counts, "the form of a file comes before what it says");
    let expected = [
        "line 4, コード: \"13O1\" is no code of Tokyo's exchange, such as 7203, 130A or 25935",
        "line 5, 日付: \"2024062\" is no day; 20260131 or 2026-01-31 would be",
        "line 5, 銘柄名: is empty; 1 to 256 characters are due",
        "line 5, コード: 1301 stands in line 2 already",
        "line 7, 銘柄名: has 257 characters, 256 are the most",
    ];
    assert_eq!(problems(text.replace("20240628,1302\n", "\n").as_bytes()), expected.join("\n"));
    // A code of five characters that J-Quants would write is none of JPX's.
    assert!(problems("コード,銘柄名,市場・商品区分\n72030,甲,-\n".as_bytes()).contains("72030"));
    let many = format!("日付,コード,銘柄名,市場・商品区分\n{}", "20240628,x,甲,-\n".repeat(5000));
    assert_eq!(problems(many.as_bytes()).lines().last(), Some("and 4980 more"));
}

#[test]
fn what_is_no_list_is_refused_by_what_it_is() {
    let mut columns = "a,".repeat(1_000_000);
    columns.push('\n');
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let page = V2_JSON.replacen('{', "{\"pagination_key\":\"x\",", 1);
    let head = CSV.lines().next().unwrap();
    for (bytes, reason) in [
        (&b""[..], "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"\x7fELF\x02\x01\x01\x00", "is binary"),
        (b"\xff\xfec\x00o\x00", "is UTF-16"),
        (b"a,b\n\x80\xfd\xff\n", "is neither UTF-8 nor cp932"),
        (b"Date,Open,High,Low,Close,Volume\n2024-06-28,1,1,1,1,1\n", "none of the layouts"),
        (columns.as_bytes(), "has 1000001 columns"),
        ("x\n".repeat(200_000).as_bytes(), "has more than 100000 rows"),
        (head.as_bytes(), "has no issues"),
        (b"{\"data\":[]}", "has no issues"),
        (b"{\"message\":\"This API requires a plan\"}", "no master of J-Quants"),
        (b"[1,2]", "no master of J-Quants"),
        (deep.as_bytes(), "no master of J-Quants"),
        (b"[server]\nlisten = 1\n", "is neither CSV nor JSON: expected value at line 1 column 2; what is read: JPX's"),
        (page.as_bytes(), "one page of several"),
        (&vec![b' '; MAX_BYTES + 1], "is larger than 16 MiB"),
        (&XLS[..2000], "damaged XLS"),
        (&XLSX[..2000], "damaged XLSX"),
        (b"PK\x03\x04nothing", "damaged XLSX"),
    ] {
        let said = problems(bytes);
        assert!(said.contains(reason) && said.len() < 1000, "{reason}: {said}");
    }
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn an_archive_that_unpacks_to_too_much_or_is_no_workbook_is_refused() {
    let zeros = vec![0_u8; 64 * 1024 * 1024];
    let bomb = archive(&[("xl/workbook.xml", &zeros), ("xl/a", &zeros), ("xl/b", &zeros)]);
    assert!(bomb.len() < 1024 * 1024);
    assert!(problems(&bomb).contains("unpacks to more than 128 MiB"));
    assert!(problems(&archive(&[("../../etc/passwd", b"x")])).contains("damaged XLSX"));
}

#[test]
fn two_cells_far_apart_make_no_huge_table() {
    let mut workbook = zip::ZipArchive::new(io::Cursor::new(XLSX)).unwrap();
    let mut parts = Vec::new();
    for index in 0..workbook.len() {
        let mut part = workbook.by_index(index).unwrap();
        let (name, mut content) = (part.name().unwrap().into_owned(), Vec::new());
        io::copy(&mut part, &mut content).unwrap();
        if name.ends_with("sheet1.xml") {
            let text = String::from_utf8(content).unwrap();
            assert!(text.contains("\"A2\""), "{text}");
            content = text.replace("\"A2\"", "\"XFD2\"").into_bytes();
        }
        parts.push((name, content));
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (name.as_str(), &content[..])).collect();
    assert!(problems(&archive(&parts)).contains("has cells beyond column 200"));
}

#[test]
fn the_real_lists_are_read_and_their_segments_fit() {
    for (path, issues, day) in
        [("jpx/data_j.20240628.utf8bom.csv", 4371, "2024-06-28"), ("jpx/data_j.20260131.utf8.csv", 4435, "2026-01-31")]
    {
        let Some(text) = real_data::read(path) else { return };
        let (_, list) = list(text.as_bytes());
        assert_eq!((list.issues.len(), list.as_of.to_string().as_str()), (issues, day));
        let mut words: Vec<_> = list.issues.iter().map(|issue| segment(issue.segment.as_deref()).unwrap()).collect();
        words.sort();
        words.dedup();
        let expected =
            ["ETF・ETN", "PRO Market", "REIT・インフラファンド等", "グロース", "スタンダード", "プライム", "出資証券"];
        assert_eq!(words, expected);
    }
    let Some(text) = real_data::read("jquants/v1_listed_info.20230314.json") else { return };
    let (_, list) = list(text.as_bytes());
    assert_eq!((list.issues.len(), list.complete), (4241, true));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let _ = read(&bytes, None);
        let _ = read(&[CSV.as_bytes(), &bytes].concat(), None);
        let _ = read(&[&XLSX[..XLSX.len() / 2], &bytes, &XLSX[XLSX.len() / 2..]].concat(), None);
    }
}
