"""The student on transformers, on CPU or CUDA in bfloat16: a checkpoint, or a GGUF made into one, and a peft adapter.

Slower to speak than llama.cpp on a CPU, quicker to read; the way to run what training has just written, unquantised.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rag.errors import ModelMissingError
from rag.models.gguf_adapter import to_peft
from rag.models.gguf_checkpoint import convert
from rag.models.pins import PINS
from rag.models.store import ModelStore
from rag.settings import Settings
from rag.student.adapter import adapter_of
from rag.student.runtime import (
    Finish,
    GaveUp,
    Listener,
    Message,
    Options,
    Runtime,
    StudentError,
    Turns,
    readable,
    too_long,
)
from rag.student.stop_words import StopWords

log = logging.getLogger(__name__)

# For checkpoints that bring no template; llama.cpp falls back to the same one.
CHATML = ("{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


class TransformersRuntime(Runtime):
    """`settings.student` is a name in the model store, a GGUF file, a checkpoint folder, or a model hub's name."""

    name = "transformers"

    def __init__(self, settings: Settings):
        self.settings = settings
        pin = PINS.get(settings.student)
        self.model_name = Path(pin.file).stem if pin else Path(settings.student).name.removesuffix(".gguf")
        self._loading = threading.Lock()
        self._turns = Turns(1)
        self._model: Any = None
        self._tokenizer: Any = None

    def warm(self) -> None:
        self._loaded()

    def close(self) -> None:
        with self._loading:
            self._model = self._tokenizer = None

    def _loaded(self) -> tuple[Any, Any]:
        with self._loading:
            if self._model is None:
                self._model, self._tokenizer = self._load()
            return self._model, self._tokenizer

    def _load(self) -> tuple[Any, Any]:
        # Seconds of import and a gigabyte of memory that the other runtimes need not spend.
        import torch
        import transformers
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(self.settings.cpu_threads)
        transformers.utils.logging.disable_progress_bar()
        checkpoint = self._checkpoint()
        adapter = adapter_of(self.settings)
        if adapter and adapter.suffix == ".gguf":
            adapter = to_peft(adapter, Path(checkpoint), self.settings.models_dir / f"{adapter.stem}-adapter")
        if adapter and not (adapter / "adapter_config.json").is_file():
            raise ModelMissingError(f"{adapter} 不是 peft 适配器文件夹（缺 adapter_config.json）；"
                                    "transformers 运行方式需要 peft 文件夹或 GGUF 适配器（ODFIN_ADAPTER）")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            tokenizer = AutoTokenizer.from_pretrained(checkpoint)
            model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.bfloat16).to(device)
            if adapter:
                from peft import PeftModel

                # Not merged: in bfloat16 a merge rounds small updates away.
                model = PeftModel.from_pretrained(model, adapter)
        except (OSError, ValueError, RuntimeError) as error:
            what = f"模型 {checkpoint}" + (f" 与适配器 {adapter}" if adapter else "")
            raise StudentError(f"transformers 无法载入{what}：{_first_line(error)}") from error
        tokenizer.chat_template = tokenizer.chat_template or CHATML
        log.info("student loaded: %s on %s", checkpoint, device)
        return model.eval(), tokenizer

    def _checkpoint(self) -> str:
        student = self.settings.student
        path = ModelStore(self.settings).path(student) if student in PINS else Path(student).expanduser()
        if path.suffix == ".gguf":
            if not path.is_file():
                raise ModelMissingError(f"找不到模型文件 {path}（ODFIN_STUDENT）")
            return str(convert(path, self.settings.models_dir / f"{path.stem}-checkpoint"))
        if path.is_dir():
            return str(path)
        if student.count("/") == 1 and not student.startswith((".", "/", "~")):
            return student  # owner/name on the model hub
        raise ModelMissingError(f"找不到模型文件夹 {path}；请在 ODFIN_STUDENT 里写检查点文件夹、GGUF 文件、"
                                f"“所有者/模型名”，或内置模型名 {'、'.join(PINS)}")

    def run(self, messages: Sequence[Message], options: Options, listener: Listener) -> Finish:
        import torch

        model, tokenizer = self._loaded()
        ids = self._prompt(tokenizer, messages)
        room = self.settings.context_tokens - len(ids)
        if room < 1:
            raise too_long(len(ids), self.settings.context_tokens)
        limit = min(options.max_tokens, room)
        with self._turns.turn(lambda: listener.gone), torch.inference_mode(), torch.random.fork_rng():
            if options.seed is not None:
                torch.manual_seed(options.seed)
            stream = _Stream(tokenizer, options.stop, listener)
            started = time.perf_counter()
            output = model.generate(
                input_ids=torch.tensor([ids], device=model.device), max_new_tokens=limit, streamer=stream,
                attention_mask=torch.ones((1, len(ids)), dtype=torch.long, device=model.device),
                stopping_criteria=[stream.stopping], pad_token_id=_pad(tokenizer), **_sampling(options))
            took = time.perf_counter() - started
        if listener.gone:
            raise GaveUp
        written = output.shape[1] - len(ids)
        endings = model.generation_config.eos_token_id
        ended = int(output[0, -1]) in (endings if isinstance(endings, list) else [endings])
        first = (stream.first_at or time.perf_counter()) - started
        return Finish(reason="stop" if ended or stream.stopped else "length", prompt_tokens=len(ids),
                      completion_tokens=written, timings={"prompt_s": first, "generation_s": took - first})

    def first_token_logprobs(self, messages: Sequence[Message], top_n: int = 20) -> dict[str, float]:
        import torch

        model, tokenizer = self._loaded()
        ids = self._prompt(tokenizer, messages)
        if len(ids) >= self.settings.context_tokens:
            raise too_long(len(ids), self.settings.context_tokens)
        with self._turns.turn(), torch.inference_mode():
            logits = model(input_ids=torch.tensor([ids], device=model.device), logits_to_keep=1).logits[0, -1]
        best = torch.log_softmax(logits.float(), -1).topk(min(top_n, logits.shape[0]))
        texts = (tokenizer.decode([token], skip_special_tokens=True) for token in best.indices.tolist())
        return readable(zip(texts, best.values.tolist(), strict=True))

    def count_tokens(self, text: str) -> int:
        return len(self._loaded()[1].encode(text, add_special_tokens=False))

    def count_prompt_tokens(self, messages: Sequence[Message]) -> int:
        return len(self._prompt(self._loaded()[1], messages))

    @staticmethod
    def _prompt(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
        going_on = bool(messages) and messages[-1]["role"] == "assistant"
        text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=not going_on,
                                             continue_final_message=going_on)
        return tokenizer.encode(text, add_special_tokens=False)


class _Stream:
    """Between generate() and the listener: whole characters out of tokens, stop words, and the wish to stop.

    generate() wants two methods of a streamer, `put` (first the prompt, then each token) and `end`.
    """

    def __init__(self, tokenizer: Any, stop: Sequence[str], listener: Listener):
        self._tokenizer = tokenizer
        self._words = StopWords(stop)
        self._listener = listener
        self._ids: list[int] = []
        self._shown = self._read = 0
        self._prompt_seen = False
        self.first_at: float | None = None

    @property
    def stopped(self) -> bool:
        return self._words.found

    def put(self, value: Any) -> None:
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        self.first_at = self.first_at or time.perf_counter()
        self._ids.extend(value.flatten().tolist())
        self._show(lambda text: not text.endswith("\ufffd"))  # a character's last byte may be still to come

    def end(self) -> None:
        self._show(lambda text: True)
        self._give(self._words.rest())

    def _show(self, complete: Callable[[str], bool]) -> None:
        # Decoded with the tokens before, since some tokenizers drop a leading blank.
        before = self._decode(self._ids[self._shown:self._read])
        text = self._decode(self._ids[self._shown:])
        if len(text) > len(before) and complete(text):
            self._shown, self._read = self._read, len(self._ids)
            self._give(self._words.feed(text[len(before):]))

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True)

    def _give(self, text: str) -> None:
        if text:
            self._listener(text)

    def stopping(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        import torch

        done = self._listener.gone or self._words.found
        return torch.full((input_ids.shape[0],), done, dtype=torch.bool, device=input_ids.device)


def _sampling(options: Options) -> dict[str, Any]:
    """Every sampler set, so that a checkpoint's own generation_config changes nothing."""
    penalty = {"repetition_penalty": options.repeat_penalty}
    if options.temperature == 0:
        return penalty | {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    return penalty | {"do_sample": True, "temperature": options.temperature, "top_p": options.top_p,
                      "top_k": options.top_k}


def _pad(tokenizer: Any) -> int:
    return tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
