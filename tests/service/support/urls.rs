//! How tests write URLs and forms.

/// A form or query of names and values, encoded.
pub fn form(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

/// The characters that tests write plainly and HTTP does not.
pub fn encoded(url: &str) -> String {
    url.replace('|', "%7C").replace(' ', "%20")
}
