//! Which variable to decide next: a heap by activity (VSIDS, Moskewicz et al. 2001; as a
//! binary heap, Eén and Sörensson 2003).

#![expect(clippy::indexing_slicing, reason = "heap positions and variables are within the arrays")]

/// A variable that is not in the heap.
const OUT: u32 = u32::MAX;
/// When activities are scaled down.
const HUGE: f64 = 1e100;
/// How fast old conflicts are forgotten.
const DECAY: f64 = 0.95;

/// Variables by activity, the most active first.
#[derive(Clone, Debug)]
pub(super) struct Order {
    activity: Vec<f64>,
    increment: f64,
    heap: Vec<u32>,
    place: Vec<u32>,
}

impl Order {
    pub(super) fn new(variables: usize) -> Order {
        Order {
            activity: vec![0.0; variables],
            increment: 1.0,
            heap: Vec::new(),
            place: vec![OUT; variables],
        }
    }

    pub(super) fn clear(&mut self) {
        for variable in self.heap.drain(..) {
            self.place[variable as usize] = OUT;
        }
    }

    pub(super) fn insert(&mut self, variable: u32) {
        if self.place[variable as usize] == OUT {
            self.place[variable as usize] = self.heap.len() as u32;
            self.heap.push(variable);
            self.rise(self.heap.len() - 1);
        }
    }

    pub(super) fn pop(&mut self) -> Option<u32> {
        let top = *self.heap.first()?;
        self.place[top as usize] = OUT;
        let last = self.heap.pop()?;
        if last != top {
            self.heap[0] = last;
            self.place[last as usize] = 0;
            self.sink(0);
        }
        Some(top)
    }

    pub(super) fn bump(&mut self, variable: u32) {
        let activity = &mut self.activity[variable as usize];
        *activity += self.increment;
        if *activity > HUGE {
            self.activity.iter_mut().for_each(|a| *a /= HUGE);
            self.increment /= HUGE;
        }
        let at = self.place[variable as usize];
        if at != OUT {
            self.rise(at as usize);
        }
    }

    pub(super) fn decay(&mut self) {
        self.increment /= DECAY;
    }

    fn before(&self, a: u32, b: u32) -> bool {
        self.activity[a as usize] > self.activity[b as usize]
    }

    fn rise(&mut self, mut at: usize) {
        let variable = self.heap[at];
        while at > 0 {
            let parent = (at - 1) / 2;
            if !self.before(variable, self.heap[parent]) {
                break;
            }
            self.put(at, self.heap[parent]);
            at = parent;
        }
        self.put(at, variable);
    }

    fn sink(&mut self, mut at: usize) {
        let variable = self.heap[at];
        loop {
            let left = 2 * at + 1;
            if left >= self.heap.len() {
                break;
            }
            let right = left + 1;
            let child = if right < self.heap.len() && self.before(self.heap[right], self.heap[left])
            {
                right
            } else {
                left
            };
            if !self.before(self.heap[child], variable) {
                break;
            }
            self.put(at, self.heap[child]);
            at = child;
        }
        self.put(at, variable);
    }

    fn put(&mut self, at: usize, variable: u32) {
        self.heap[at] = variable;
        self.place[variable as usize] = at as u32;
    }
}
