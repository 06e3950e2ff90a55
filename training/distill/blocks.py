"""Which block of the teacher each block of the student learns from."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import OdfinError


def block_map(student: int, teacher: int, keep: Sequence[int] | None = None) -> list[int]:
    """For each of the student's blocks, the teacher's block whose output (and MLP input) it imitates.

    Uniform by default: block j ends at the same share of the depth, last to last. With `keep`, the teacher's blocks a
    depth-pruned student was made of: student block j stands for everything up to the next kept block, so it learns the
    output of `keep[j + 1] - 1`; the last learns the teacher's last.
    Raises OdfinError where the two do not fit.
    """
    if student < 1 or teacher < student:
        raise OdfinError(f"学生有 {student} 层，教师有 {teacher} 层：教师的层数不能少于学生，请换教师或关掉 block、mlp 两项损失")
    if keep is None:
        return [round((block + 1) * teacher / student) - 1 for block in range(student)]
    if len(keep) != student or sorted(set(keep)) != list(keep) or not 0 <= keep[0] <= keep[-1] < teacher:
        raise OdfinError(f"keep 要由小到大列出教师的 {student} 个层号（0 到 {teacher - 1}），现在是 {list(keep)}")
    return [following - 1 for following in keep[1:]] + [teacher - 1]
