//! The policies that JavaScript holds handles of. What is not used is given up before memory runs out; its holder
//! notices by the generation of the slot and makes it again.

use crate::order::sort;
use crate::policy::SenderPolicy;

/// Policies together may take about this much. A Worker has 128 MB for everything.
const BUDGET_BYTES: usize = 48 << 20;
/// What a policy costs besides what it says of itself: its slot, and the allocator's own.
const OVERHEAD_BYTES: usize = 96;

#[derive(Default)]
struct Slot {
    policy: Option<SenderPolicy>,
    generation: u32,
    used: u64,
    bytes: usize,
}

pub(super) struct Store {
    slots: Vec<Slot>,
    free: Vec<u32>,
    clock: u64,
    bytes: usize,
    budget: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self::new(BUDGET_BYTES)
    }
}

impl Store {
    const fn new(budget: usize) -> Self {
        Self { slots: Vec::new(), free: Vec::new(), clock: 0, bytes: 0, budget }
    }

    /// Keeps a policy and gives its slot and generation.
    pub(super) fn keep(&mut self, policy: SenderPolicy) -> (u32, u32) {
        let bytes = policy.memory() + OVERHEAD_BYTES;
        if self.bytes + bytes > self.budget {
            self.give_up_half();
        }
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            super::narrow(self.slots.len() - 1)
        });
        self.clock += 1;
        let Some(slot) = self.slots.get_mut(index as usize) else { return (u32::MAX, 0) };
        *slot = Slot { policy: Some(policy), generation: slot.generation.wrapping_add(1), used: self.clock, bytes };
        self.bytes += bytes;
        (index, slot.generation)
    }

    /// Not inlined, since every question would hold it.
    #[inline(never)]
    pub(super) fn get(&mut self, index: u32, generation: u32) -> Option<&SenderPolicy> {
        self.clock += 1;
        let slot = self.slots.get_mut(index as usize).filter(|slot| slot.generation == generation)?;
        slot.used = self.clock;
        slot.policy.as_ref()
    }

    pub(super) fn free(&mut self, index: u32, generation: u32) {
        if self.slots.get(index as usize).is_some_and(|slot| slot.generation == generation) {
            self.give_up(index);
        }
    }

    fn give_up(&mut self, index: u32) {
        if let Some(slot) = self.slots.get_mut(index as usize)
            && slot.policy.take().is_some()
        {
            self.bytes -= slot.bytes;
            self.free.push(index);
        }
    }

    /// Gives up the half that has not been used for longest, so that the search is paid for by many constructions.
    fn give_up_half(&mut self) {
        let target = self.bytes / 2;
        let held = |slots: &[Slot]| slots.iter().filter(|slot| slot.policy.is_some()).map(|slot| slot.used).collect();
        let mut used: Vec<u64> = held(&self.slots);
        sort(&mut used);
        // Of those last used up to the middle of all uses, then of the next half of the rest, until it is enough.
        while self.bytes > target && !used.is_empty() {
            let middle = (used.len() - 1) / 2;
            let Some(last) = used.get(middle).copied() else { break };
            for index in 0..super::narrow(self.slots.len()) {
                if self.slots.get(index as usize).is_some_and(|slot| slot.used <= last) {
                    self.give_up(index);
                }
            }
            used.drain(..=middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyOptions;

    fn policy() -> SenderPolicy {
        SenderPolicy::new(&PolicyOptions { domains: "a.example;b.example", ..PolicyOptions::default() }).unwrap()
    }

    #[test]
    fn a_slot_is_used_again_under_another_generation() {
        let mut store = Store::new(BUDGET_BYTES);
        let first = store.keep(policy());
        store.free(first.0, first.1);
        store.free(first.0, first.1);
        let second = store.keep(policy());
        assert_eq!(first.0, second.0);
        assert!(store.get(first.0, first.1).is_none());
        assert!(store.get(second.0, second.1).is_some());
        assert_eq!(store.slots.len(), 1);
    }

    #[test]
    fn memory_is_bounded_and_what_is_used_stays() {
        let mut store = Store::new(100_000);
        let kept = store.keep(policy());
        for _ in 0..10_000 {
            store.keep(policy());
            assert!(store.get(kept.0, kept.1).is_some());
            assert!(store.bytes <= 100_000);
        }
        assert!(store.slots.len() < 1_000);
    }
}
