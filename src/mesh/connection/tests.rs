//! Certificates and keys are looked at when the service starts, not when the first file comes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::symm::Cipher;
use openssl::x509::{X509, X509Name};
use zeroize::Zeroizing;

use super::{Certificates, ConnectionError, Pem, agent};

fn key() -> EcKey<Private> {
    EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap()
}

fn certificate(key: &EcKey<Private>) -> Pem {
    let key = PKey::from_ec_key(key.clone()).unwrap();
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, "cpis.example")
        .unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    certificate
        .set_not_after(&Asn1Time::days_from_now(1).unwrap())
        .unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    Zeroizing::new(certificate.build().to_pem().unwrap())
}

fn refused(authorities: Option<&[u8]>, client: Option<(&[u8], &[u8])>) -> Option<ConnectionError> {
    let pem = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    agent(&Certificates {
        authorities: authorities.map(pem),
        client: client.map(|(certificate, key)| (pem(certificate), pem(key))),
    })
    .err()
}

#[test]
fn a_certificate_goes_with_its_own_key_in_whatever_form_that_has() {
    let ours = key();
    let certificate = certificate(&ours);
    let pkey = PKey::from_ec_key(ours.clone()).unwrap();
    let passphrase = b"sesame";
    let traditional = ours.private_key_to_pem().unwrap();
    let pkcs8 = pkey.private_key_to_pem_pkcs8().unwrap();
    for form in [&traditional, &pkcs8] {
        assert_eq!(
            refused(Some(&certificate), Some((&certificate, form))),
            None
        );
    }
    let sealed = pkey
        .private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), passphrase)
        .unwrap();
    let others = key().private_key_to_pem().unwrap();
    for wrong in [&sealed[..], &others, b"", b"no key"] {
        let refused = refused(None, Some((&certificate, wrong)));
        assert_eq!(refused, Some(ConnectionError::Key));
    }
}

#[test]
fn a_file_without_certificates_is_refused() {
    let ours = key().private_key_to_pem().unwrap();
    for wrong in [&b""[..], b"no certificate", &ours] {
        assert_eq!(
            refused(Some(wrong), None),
            Some(ConnectionError::Authorities)
        );
        let refused = refused(None, Some((wrong, &ours)));
        assert_eq!(refused, Some(ConnectionError::Certificate));
    }
}
