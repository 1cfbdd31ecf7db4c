//! How many connections are held at once: in all, from one address, and by one certificate, so that
//! no one caller can take the places of all others.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::identity::PeerCertificate;

/// The most connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// In all.
    pub all: usize,
    /// From one address; of IPv6 from one network of 64 bits, which is what one subscriber has.
    pub per_address: usize,
    /// By one certificate.
    pub per_certificate: usize,
}

/// The connections that are held.
#[derive(Debug)]
pub struct Places {
    caps: Caps,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    by_certificate: HashMap<PeerCertificate, usize>,
}

impl Places {
    /// None is held yet.
    #[must_use]
    pub fn of(caps: Caps) -> Arc<Self> {
        Arc::new(Self {
            caps,
            held: Mutex::default(),
        })
    }

    /// A place for a connection from an address; nothing where all are taken.
    #[must_use]
    pub fn from(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = network(address);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.all >= self.caps.all {
            return None;
        }
        let is_had = take(&mut held.by_address, &address, self.caps.per_address);
        if !is_had {
            return None;
        }
        held.all = held.all.saturating_add(1);
        Some(self.place(Taker::Address(address)))
    }

    /// A place for the same connection by its certificate.
    #[must_use]
    pub fn by(self: &Arc<Self>, certificate: &PeerCertificate) -> Option<Place> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let most = self.caps.per_certificate;
        take(&mut held.by_certificate, certificate, most)
            .then(|| self.place(Taker::Certificate(certificate.clone())))
    }

    /// How many connections are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    fn place(self: &Arc<Self>, taker: Taker) -> Place {
        Place {
            places: Arc::clone(self),
            taker,
        }
    }
}

/// A place that is held until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    taker: Taker,
}

#[derive(Debug)]
enum Taker {
    Address(IpAddr),
    Certificate(PeerCertificate),
}

impl Drop for Place {
    fn drop(&mut self) {
        let held = self.places.held.lock();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        match &self.taker {
            Taker::Address(address) => {
                held.all = held.all.saturating_sub(1);
                give_back(&mut held.by_address, address);
            }
            Taker::Certificate(certificate) => give_back(&mut held.by_certificate, certificate),
        }
    }
}

fn take<Of: Clone + Eq + Hash>(held: &mut HashMap<Of, usize>, of: &Of, most: usize) -> bool {
    let count = held.entry(of.clone()).or_default();
    let is_had = *count < most;
    if is_had {
        *count = count.saturating_add(1);
    }
    is_had
}

/// What nobody holds is forgotten, so that the map is no longer than the connections are many.
fn give_back<Of: Eq + Hash>(held: &mut HashMap<Of, usize>, of: &Of) {
    if let Some(count) = held.get_mut(of) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            held.remove(of);
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64_u32);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use std::net::IpAddr;
    use std::sync::Arc;

    use super::{Caps, Places};
    use crate::identity::PeerCertificate;

    fn places() -> Arc<Places> {
        Places::of(Caps {
            all: 3,
            per_address: 2,
            per_certificate: 1,
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn no_address_and_no_certificate_takes_more_than_its_places_and_gives_them_back() {
        let places = places();
        let first = places.from(address("10.0.0.1"));
        let second = places.from(address("::ffff:10.0.0.1"));
        assert!(first.is_some() && second.is_some());
        assert!(places.from(address("10.0.0.1")).is_none());
        let third = places.from(address("10.0.0.2"));
        assert!(third.is_some());
        assert!(places.from(address("10.0.0.3")).is_none());
        drop(second);
        assert!(places.from(address("10.0.0.1")).is_some());
        let certificate = PeerCertificate::of_der(b"a");
        let held = places.by(&certificate);
        assert!(held.is_some() && places.by(&certificate).is_none());
        assert!(places.by(&PeerCertificate::of_der(b"b")).is_some());
        drop(held);
        assert!(places.by(&certificate).is_some());
    }

    #[test]
    fn one_network_of_64_bits_counts_as_one_address() {
        let places = places();
        let held = ["2001:db8::1", "2001:db8::2"].map(|text| places.from(address(text)));
        assert!(held.iter().all(Option::is_some));
        assert!(places.from(address("2001:db8::ffff:1")).is_none());
        assert!(places.from(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn what_nobody_holds_is_forgotten() {
        let places = places();
        drop(places.from(address("10.0.0.1")));
        let held = places.held.lock().unwrap();
        assert!(held.by_address.is_empty() && held.all == 0);
    }
}
