//! Files that no authority should send: each is refused as a whole, in words that help, and changes
//! nothing: `upload_plans`, `upload_csv`, `csv_lines`.

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use crate::support::{Answer, TAKEN, TestService, a_plan, file};

#[test]
fn a_file_that_is_not_the_documented_csv_is_refused_as_a_file_level_error() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    let held = service.held();
    let good = file(2, &[a_plan(), a_plan().local_id("H-2")]);
    let names = "plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,\
                 delete_date,family_name,given_names\n";
    let bad = [
        String::new(),
        " \r\n\n".to_owned(),
        "\u{feff}".to_owned(),
        "{\"resourceType\":\"Bundle\"}".to_owned(),
        "<File xmlns=\"urn:hl7-org:v3\"/>".to_owned(),
        good.lines().take(1).collect(),
        good.lines()
            .take(2)
            .map(|line| format!("{line}\n"))
            .collect(),
        good.lines()
            .take(3)
            .map(|line| format!("{line}\n"))
            .collect(),
        good.replace("2,2,2026", "2,3,2026"),
        good.replace("2,2,2026", "2,1,2026"),
        good.replace(names, ""),
        good.replace("given_names\n", "given_names,note\n"),
        good.replace(",given_names\n", "\n"),
        good.replace("end_date,delete_date,", "end_date,end_date,"),
        good.replace("end_date,delete_date,", "end_date,DELETE_DATE,"),
        good.replace("file_sequence", "sequence"),
        good.replace("H-2", "\"H-2"),
        good.replace("H-2", "H-2\""),
        good.replace("H-2", "\"H\"-2"),
        good.replace("H-2", "H\0-2"),
        good.replace("H-2,", ""),
        good.replace("Ada Grace\n", "Ada Grace,surplus\n"),
        good.replace('\n', "\r"),
        good.replace(',', ";"),
        good.replace(',', "\t"),
        good.replace("H-2", &",".repeat(2_000)),
        good.trim_end().trim_end_matches(",Ada Grace").to_owned(),
    ];
    for (place, sent) in bad.iter().enumerate() {
        let answer = service.upload_as(LocalAuthority, sent.as_bytes());
        assert_file_level_error(&answer, &format!("bad file {place}"));
    }
    assert_eq!(service.held(), held);
    let answer = service.upload_as(LocalAuthority, good.as_bytes());
    assert_eq!(answer.acknowledgement().results(), [TAKEN; 2]);
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_the_line_they_are_in() {
    let service = TestService::new();
    let good = file(1, &[a_plan()]);
    let utf_16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin_1 = replaced(&good, b"Northshire", b"Northsh\xefre");
    let torn = replaced(&good, b"H-1", b"H\xc3");
    let surrogate = replaced(&good, b"H-1", b"\xed\xa0\x80");
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff".to_vec();
    for (bytes, line) in [
        (utf_16, None),
        (latin_1, Some(2)),
        (torn, Some(4)),
        (surrogate, Some(4)),
        (gzip, None),
    ] {
        let answer = service.upload_as(LocalAuthority, &bytes);
        assert_file_level_error(&answer, &format!("{line:?}"));
        if let Some(line) = line {
            assert!(
                answer.text.contains(&format!("line {line}: ")),
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(service.number("select count(*) from uploads"), 0);
}

#[test]
fn a_byte_order_mark_crlf_quotes_spaces_blank_lines_and_any_order_of_columns_are_all_csv() {
    let plain = file(1, &[a_plan(), a_plan().local_id("H-2")]);
    let quoted = plain
        .lines()
        .map(|line| format!("\"{}\"\r\n", line.replace(',', "\",\"")))
        .collect::<String>();
    let same = [
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        quoted,
        plain.replace('\n', "\n\n,,,\n"),
        plain.replace(',', " , "),
        plain.trim_end().to_owned(),
        plain
            .replace("local_id,authority", "authority,local_id")
            .replace("H-1,E90001", "E90001,H-1")
            .replace("H-2,E90001", "E90001,H-2"),
    ];
    for sent in same {
        let service = TestService::new();
        let answer = service.upload_as(LocalAuthority, sent.as_bytes());
        assert_eq!(answer.acknowledgement().results(), [TAKEN; 2], "{sent:?}");
        assert_eq!(service.flags("9990000026").len(), 2);
    }
}

#[test]
fn only_csv_is_read() {
    let service = TestService::new();
    let sent = file(1, &[a_plan()]);
    let bearer = format!("Bearer {}", service.token(LocalAuthority));
    let send = |media: &str| {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend((!media.is_empty()).then_some(("content-type", media)));
        service.ask("POST", "$upload-plans", &headers, sent.as_bytes())
    };
    for media in [
        "",
        "text",
        "text/plain",
        "application/json",
        "application/csv",
        "text/csv2",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        ";text/csv",
    ] {
        let issue = send(media).refusal(415, "UNSUPPORTED_SERVICE");
        assert_eq!(issue["expression"][0], "http.Content-Type", "{media}");
    }
    assert_eq!(service.plans(), 0);
    assert_eq!(
        send("Text/CSV ; charset=utf-8").acknowledgement().code,
        "CPF02"
    );
}

fn assert_file_level_error(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 422, "{what:?}: {}", answer.text);
    let issue = answer.refusal(422, "INVALID_VALUE");
    let words = issue["diagnostics"].as_str().unwrap();
    assert!(words.starts_with("CPF01 File Level Error: "), "{words}");
    assert!(!words.contains("9990000026"), "{words}");
}

fn replaced(file: &str, plain: &[u8], with: &[u8]) -> Vec<u8> {
    let bytes = file.as_bytes();
    let at = bytes
        .windows(plain.len())
        .position(|found| found == plain)
        .unwrap();
    [&bytes[..at], with, &bytes[at + plain.len()..]].concat()
}
