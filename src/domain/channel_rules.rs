//! What a channel may be.

use super::{Endpoint, Mailbox, SecretName, is_public};

#[test]
fn an_endpoint_is_an_https_url_spelled_as_it_is_sent() {
    for right in [
        "https://la.example/notices",
        "https://la.example:8443/a?b=c",
        "http://127.0.0.1:9000/notices",
        "http://localhost/notices",
        "http://[::1]:9000/",
    ] {
        let read = Endpoint::parse(right);
        assert_eq!(read.as_ref().map(Endpoint::as_str), Ok(right));
    }
    for wrong in [
        "",
        "la.example",
        "http://la.example/notices",
        "ftp://la.example/",
        "https://user@la.example/",
        "https://user:secret@la.example/",
        "https://la.example/#a",
        "https://la.example",
        "HTTPS://la.example/",
        " https://la.example/",
        "https://la.example/a b",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "http://127.1/",
        "http://localhost.example/",
        "file:///etc/passwd",
        "gopher://la.example/",
    ] {
        assert!(Endpoint::parse(wrong).is_err(), "{wrong}");
    }
    let long = format!("https://la.example/{}", "a".repeat(500));
    assert!(Endpoint::parse(&long).is_err());
}

#[test]
fn only_addresses_of_the_public_internet_are_public() {
    let is_public = |text: &str| text.parse().is_ok_and(is_public);
    for public in [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2a00:1450::1",
        "2600::1",
    ] {
        assert!(is_public(public), "{public}");
    }
    for reserved in [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(reserved), "{reserved}");
    }
}

#[test]
fn a_secret_is_named_without_a_path_and_a_mailbox_by_its_id() {
    assert!(SecretName::parse("northshire-hook_1").is_some());
    for wrong in ["", ".", "..", "a/b", "a.b", "a\0b"] {
        assert!(SecretName::parse(wrong).is_none(), "{wrong}");
    }
    assert!(Mailbox::parse("X26HC005").is_some());
    for wrong in ["", "x26", "A B", "../A"] {
        assert!(Mailbox::parse(wrong).is_none(), "{wrong}");
    }
}
