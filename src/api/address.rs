//! From which address a request came: its connection's own. Only of a gateway that is known by its
//! certificate is it believed for whom it asks; from anybody else the header says nothing.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};

use crate::api::peer::peer_certificate;
use crate::api::service::Service;

/// The address that a request came from, as far as it is known.
pub async fn address(request: &HttpRequest, service: &Service) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let Some(certificate) = peer_certificate(request) else {
        return peer;
    };
    let now = service.clock.now();
    let registered = service.register.current(&service.query, now).await;
    let is_gateways = registered.is_ok_and(|registered| registered.gateway(certificate).is_some());
    match is_gateways {
        true => forwarded(request.headers()).or(peer),
        false => peer,
    }
}

/// The last of the addresses, which is the one that the gateway itself saw.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(X_FORWARDED_FOR).last()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    let address: IpAddr = last.parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue, X_FORWARDED_FOR};

    use super::forwarded;

    #[test]
    fn the_address_that_the_gateway_saw_is_the_last_and_nothing_else_is_one() {
        for (said, address) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["10.0.0.1, 192.0.2.1"], Some("192.0.2.1")),
            (&["10.0.0.1", "2001:DB8::1"], Some("2001:db8::1")),
            (&["::ffff:192.0.2.1"], Some("192.0.2.1")),
            (&[], None),
            (&[""], None),
            (&["192.0.2.1,"], None),
            (&["192.0.2.1:443"], None),
            (&["9990000026"], None),
            (&["192.0.2.1", "unknown"], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in said {
                headers.append(X_FORWARDED_FOR, HeaderValue::from_static(value));
            }
            let read = forwarded(&headers).map(|address| address.to_string());
            assert_eq!(read.as_deref(), address, "{said:?}");
        }
    }
}
