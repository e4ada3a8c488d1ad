;; XORs memory[at, end), a multiple of 64 bytes, with a 32-bit word: 64 bytes a turn.
(module
  (memory (export "memory") 4)
  (func (export "xor") (param $at i32) (param $end i32) (param $word i32) (local $key v128)
    (local.set $key (i32x4.splat (local.get $word)))
    (loop $turn
      (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (local.get $key)))
      (v128.store offset=16 (local.get $at)
        (v128.xor (v128.load offset=16 (local.get $at)) (local.get $key)))
      (v128.store offset=32 (local.get $at)
        (v128.xor (v128.load offset=32 (local.get $at)) (local.get $key)))
      (v128.store offset=48 (local.get $at)
        (v128.xor (v128.load offset=48 (local.get $at)) (local.get $key)))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $turn (i32.lt_u (local.get $at) (local.get $end))))))
