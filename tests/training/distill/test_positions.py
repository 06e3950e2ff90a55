"""What is compared where: blocks, sites, positions, vocabularies. Run: pytest tests/training/distill/test_positions.py"""

from __future__ import annotations

import pytest
import torch

from rag.errors import OdfinError
from tests.fixtures.tiny_pair import chatml, sentencepiece, talks, trimmed
from training.chat import IGNORED
from training.distill.blocks import block_map
from training.distill.bridge import bridge, places, translated
from training.distill.capture import at_teacher, captured, sites
from training.distill.rows import rows
from training.examples import answer_spans, batches, encode_all, predicting, read_conversations
from training.recipe import Weights

ALL = Weights(ce=1, logit=1, block=1, mlp=1, embed=1)


def test_24_blocks_are_spread_evenly_over_28_last_to_last():
    mapped = block_map(24, 28)
    assert len(mapped) == len(set(mapped)) == 24 and mapped[-1] == 27 and mapped == sorted(mapped)
    assert all(abs((block + 1) / 24 - (of + 1) / 28) <= 0.5 / 28 + 1e-9 for block, of in enumerate(mapped))
    assert block_map(5, 5) == [0, 1, 2, 3, 4]


def test_a_pruned_students_block_stands_for_all_up_to_the_next_kept():
    assert block_map(4, 8, keep=[0, 1, 4, 7]) == [0, 3, 6, 7]
    for keep in ([0, 1, 4], [0, 4, 1, 7], [0, 1, 4, 8], [0, 1, 1, 7]):
        with pytest.raises(OdfinError, match="keep"):
            block_map(4, 8, keep=keep)
    with pytest.raises(OdfinError, match="层"):
        block_map(9, 8)


def test_sites_follow_the_weights_and_every_nth_block_counts_from_the_last():
    assert sites(ALL, 2) == ["embed", "block.0", "block.1", "mlp.0", "mlp.1"]
    assert sites(Weights(block=1), 7, every=3) == ["block.0", "block.3", "block.6"]
    assert sites(Weights(), 7) == []
    assert at_teacher(["embed", "mlp.1"], [2, 5]) == {"embed": "embed", "mlp.1": "mlp.5"}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory, tokenizer):
    return encode_all(read_conversations(talks(tmp_path_factory.mktemp("talks"), 6)), tokenizer, 512)


def of_all(pairs, pad):
    conversations = [pair.student for pair in pairs]
    everywhere = [list(range(len(one.input_ids))) for one in conversations]
    return rows(conversations, [predicting(one.labels) for one in conversations], everywhere, pad)


def test_sites_are_embedding_output_mlp_input_and_block_output_before_the_last_norm(model, tokenizer, pairs):
    batch = of_all(pairs[:1], tokenizer.pad_token_id)
    names = {site: site for site in sites(ALL, 3)}
    with torch.no_grad():
        whole = model(input_ids=batch.input_ids, output_hidden_states=True).hidden_states
        with captured(model.model, names, batch.hidden) as taken:
            model.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask)
        assert torch.allclose(taken["embed"], whole[0][0], atol=1e-5)
        assert torch.allclose(taken["block.0"], whole[1][0], atol=1e-5)
        assert not torch.allclose(taken["block.2"], whole[3][0], atol=1e-2)  # transformers' last one is normed
        assert torch.allclose(model.model.norm(taken["block.2"]), whole[3][0], atol=1e-5)
        layer = model.model.layers[0]
        inner = taken["embed"][None] + _attended(layer, model, taken["embed"][None])
        assert torch.allclose(taken["mlp.0"], layer.post_attention_layernorm(inner)[0], atol=1e-5)


def _attended(layer, model, hidden):
    turned = model.model.rotary_emb(hidden, torch.arange(hidden.shape[1])[None])
    return layer.self_attn(layer.input_layernorm(hidden), position_embeddings=turned, attention_mask=None)[0]


def test_padding_changes_nothing_that_is_compared(model, tokenizer, pairs):
    names = {site: site for site in sites(ALL, 3)}
    together = of_all(pairs, tokenizer.pad_token_id)
    assert (together.attention_mask == 0).any()
    alone = []
    with torch.no_grad():
        for pair in pairs:
            batch = of_all([pair], tokenizer.pad_token_id)
            with captured(model.model, names, batch.hidden) as taken:
                model.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask)
            alone.append(taken)
        with captured(model.model, names, together.hidden) as taken:
            model.model(input_ids=together.input_ids, attention_mask=together.attention_mask)
    for site in names:
        assert torch.allclose(taken[site], torch.cat([one[site] for one in alone]), atol=1e-4)


def test_gradients_are_the_same_under_checkpointing(model, tokenizer, pairs):
    batch = of_all(pairs, tokenizer.pad_token_id)
    names, found = {site: site for site in sites(ALL, 3)}, []
    for checkpointing in (False, True):
        model.train()
        model.zero_grad()
        (model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False}) if checkpointing
         else model.gradient_checkpointing_disable())
        with captured(model.model, names, batch.hidden) as taken:
            model.model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, use_cache=False)
        sum(value.square().sum() for value in taken.values()).backward()
        found.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
    model.gradient_checkpointing_disable()
    assert torch.allclose(*found, rtol=1e-4, atol=1e-5) and found[0].abs().sum() > 0


def test_predicting_positions_lie_one_before_what_is_learnt():
    labels = [IGNORED, IGNORED, 5, 6, IGNORED, 7]
    assert predicting(labels) == [1, 2, 4] and answer_spans(labels) == [(2, 4), (5, 6)]


def test_rows_are_flat_positions_of_the_padded_batch(pairs):
    batch = of_all(pairs, 0)
    width = batch.input_ids.shape[1]
    assert batch.input_ids.flatten()[batch.predict + 1].tolist() == batch.labels.tolist()
    assert batch.hidden.tolist() == [n * width + p for n, pair in enumerate(pairs) for p in range(len(pair.student.labels))]


def test_vocabularies_are_the_same_trimmed_or_different(tmp_path, tokenizer):
    small = trimmed(tmp_path)
    assert bridge(tokenizer, chatml()).kind == "same"
    assert bridge(small, tokenizer).kind == "trimmed"
    assert bridge(tokenizer, small).kind == bridge(sentencepiece(), tokenizer).kind == "different"


def test_a_trimmed_students_row_reads_the_same_to_the_teacher(tmp_path, tokenizer):
    small = trimmed(tmp_path)
    link = bridge(small, tokenizer)
    pair = encode_all(read_conversations(talks(tmp_path, 3)), small, 512)[0]
    row = translated(pair.student, link)
    assert row.input_ids != pair.student.input_ids
    assert tokenizer.decode(row.input_ids) == small.decode(pair.student.input_ids)
    assert [label < 0 for label in row.labels] == [label < 0 for label in pair.student.labels]


def test_between_different_tokenizers_the_same_text_has_ended_where_hidden_states_are_compared(tmp_path, tokenizer):
    other = sentencepiece()
    link = bridge(other, tokenizer)
    for pair in encode_all(read_conversations(talks(tmp_path, 6)), other, 512, tokenizer):
        found = places(pair, link, False, other, tokenizer)
        assert len(found.hidden_student) == len(found.hidden_teacher) >= len(answer_spans(pair.student.labels))
        for own, theirs in zip(found.hidden_student, found.hidden_teacher, strict=True):
            said = lambda row, at, by: by.decode([label for label in row.labels[: at + 1] if label >= 0],  # noqa: E731
                                                 skip_special_tokens=True).replace(" ", "").replace("\ufffd", "")
            assert said(pair.student, own, other) == said(pair.teacher, theirs, tokenizer)
        assert len(found.chunks) == len(found.hidden_student) + len(answer_spans(pair.student.labels))  # end marks


def test_an_epoch_has_every_conversation_in_batches_of_like_length():
    lengths = [(37 * number) % 101 + 5 for number in range(130)]
    first, again, second = (list(batches(lengths, 8, 7, epoch)) for epoch in (0, 0, 1))
    assert first == again != second and all(len(batch) == 8 for batch in first)
    assert {one for batch in first for one in batch} == set(range(130))
    padded = sum(max(lengths[one] for one in batch) * 8 for batch in first)
    assert padded < 1.1 * sum(lengths[one] for batch in first for one in batch)


def test_data_that_is_no_conversation_is_refused_with_its_line(tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n{"text": 1}\n')
    with pytest.raises(OdfinError, match="第 2 行"):
        read_conversations(bad)
    with pytest.raises(OdfinError, match="找不到"):
        read_conversations(tmp_path / "none.jsonl")
    with pytest.raises(OdfinError, match="--data"):
        read_conversations(None)
