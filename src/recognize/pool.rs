//! A fixed number of costly things, lent out one at a time.

use std::{
    ops::{Deref, DerefMut},
    sync::{Condvar, Mutex, PoisonError},
};

/// Lends what it was given; whoever comes when everything is out waits.
#[derive(Debug)]
pub struct Pool<T> {
    idle: Mutex<Vec<T>>,
    returned: Condvar,
}

impl<T> Pool<T> {
    /// A pool of these things. From an empty one nothing can ever be taken.
    #[must_use]
    pub fn new(things: Vec<T>) -> Self {
        Self { idle: Mutex::new(things), returned: Condvar::new() }
    }

    /// Takes one, waiting for it if need be.
    pub fn take(&self) -> Lent<'_, T> {
        // Nothing can panic while the lock is held, so a poisoned one is whole all the same.
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(thing) = idle.pop() {
                return Lent { pool: self, thing: Some(thing) };
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, thing: T) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(thing);
        self.returned.notify_one();
    }
}

/// A thing on loan; it goes back when this is dropped, in a panic too.
#[derive(Debug)]
pub struct Lent<'a, T> {
    pool: &'a Pool<T>,
    /// Always there until the drop.
    thing: Option<T>,
}

impl<T> Deref for Lent<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.thing {
            Some(thing) => thing,
            None => unreachable!("a loan holds its thing until it is dropped"),
        }
    }
}

impl<T> DerefMut for Lent<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.thing {
            Some(thing) => thing,
            None => unreachable!("a loan holds its thing until it is dropped"),
        }
    }
}

impl<T> Drop for Lent<'_, T> {
    fn drop(&mut self) {
        if let Some(thing) = self.thing.take() {
            self.pool.give_back(thing);
        }
    }
}
