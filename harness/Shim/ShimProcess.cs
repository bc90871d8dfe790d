using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Conformance.Harness.Contract;
using Conformance.Harness.Processes;

namespace Conformance.Harness.Shim;

/// <summary>A shim as a child process: a request line in, an answer line out, or a reason why not.</summary>
/// <remarks>Whatever the program does (ends, hangs, babbles), a call comes back with a reason within the patience.</remarks>
internal sealed class ShimProcess : IDisposable
{
    private const int LongestLineBytes = 1 << 20;
    private const int KeptErrorLines = 20;

    // Until its first answer a program has to start.
    private const int StartPatiences = 6;
    private readonly GuardedProcess _guarded;
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource _errorsEnded = new();
    private readonly Thread _reader;
    private readonly TimeSpan _patience;
    private volatile string? _broken;
    private bool _hasAnswered;

    private ShimProcess(GuardedProcess guarded, TimeSpan patience)
    {
        _guarded = guarded;
        _patience = patience;
        _reader = new Thread(ReadLines) { IsBackground = true, Name = "shim output" };
        _reader.Start();
        guarded.Process.ErrorDataReceived += (_, line) => KeepError(line.Data);
        guarded.Process.BeginErrorReadLine();
    }

    /// <summary>Why nothing more can be had from it, or null.</summary>
    public string? Broken => _broken;

    /// <summary>Starts a command line; words are split at blanks, quotes keep blanks.</summary>
    /// <exception cref="BadInputException">The command line is empty or cannot be started.</exception>
    public static ShimProcess Start(string commandLine, TimeSpan patience)
    {
        List<string> words = SplitWords(commandLine);
        if (words.Count == 0)
        {
            throw new BadInputException("--command: the command line is empty");
        }

        string directory = Running.Checkout.UserDirectory;
        if (!words[0].Contains('/') ? Targets.Linux.Executables.Find(words[0]) is null : !File.Exists(Path.Combine(directory, words[0])))
        {
            throw new BadInputException($"--command: there is no program «{words[0]}»");
        }

        ProcessStartInfo start = new(words[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        words.Skip(1).ToList().ForEach(start.ArgumentList.Add);
        return new ShimProcess(Reaper.Current.Start(start), patience);
    }

    /// <summary>Sends a line and waits for one; null when there is none, and then <see cref="Broken"/> says why.</summary>
    public string? Ask(string line)
    {
        if (_broken is not null)
        {
            return null;
        }

        if (_lines.TryTake(out string? unasked))
        {
            Break($"the shim babbles: a line that nobody asked for: {Shorten(unasked)}");
            return null;
        }

        try
        {
            _guarded.Process.StandardInput.WriteLine(line);
            _guarded.Process.StandardInput.Flush();
        }
        catch (IOException)
        {
            Break(Obituary());
            return null;
        }

        TimeSpan patience = _hasAnswered ? _patience : StartPatiences * _patience;
        if (_lines.TryTake(out string? answer, patience))
        {
            _hasAnswered = true;
            return answer;
        }

        Break(_lines.IsCompleted ? Obituary() : $"the shim hangs: no answer within {patience.TotalSeconds:0.#} s{LastErrors()}");
        return null;
    }

    /// <summary>Gives up on the shim for a reason.</summary>
    public void Break(string reason) => _broken ??= reason;

    public void Dispose()
    {
        _guarded.Dispose();

        // With the group gone the pipe ends; a grandchild that left the group may keep it open.
        if (_reader.Join(_patience))
        {
            _lines.Dispose();
        }
    }

    /// <summary>Splits as a shell would, without expanding anything.</summary>
    internal static List<string> SplitWords(string text)
    {
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        foreach (char c in text)
        {
            if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word!.Append(c);
                }
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (char.IsWhiteSpace(c))
            {
                if (word is not null)
                {
                    words.Add(word.ToString());
                    word = null;
                }
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        if (quote != '\0')
        {
            throw new BadInputException($"--command: the quote {quote} is not closed");
        }

        if (word is not null)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private void ReadLines()
    {
        Stream output = _guarded.Process.StandardOutput.BaseStream;
        List<byte> line = [];
        byte[] buffer = new byte[65536];
        try
        {
            for (int read = output.Read(buffer); read > 0; read = output.Read(buffer))
            {
                foreach (byte b in buffer.AsSpan(0, read))
                {
                    if (b == '\n')
                    {
                        _lines.Add(Encoding.UTF8.GetString([.. line]));
                        line.Clear();
                    }
                    else if (line.Count < LongestLineBytes)
                    {
                        line.Add(b);
                    }
                    else
                    {
                        Break($"the shim babbles: a line of more than {LongestLineBytes} bytes");
                        return;
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            Break($"the shim's output cannot be read: {error.Message}");
        }
        finally
        {
            _lines.CompleteAdding();
        }
    }

    private void KeepError(string? line)
    {
        if (line is null)
        {
            _errorsEnded.TrySetResult();
        }
        else
        {
            _errors.Enqueue(line);
            while (_errors.Count > KeptErrorLines)
            {
                _errors.TryDequeue(out _);
            }
        }
    }

    private string Obituary()
    {
        if (_broken is not null)
        {
            return _broken;
        }

        // Its last words may still be on their way.
        _errorsEnded.Task.Wait(_patience);
        string how = _guarded.Process.WaitForExit(_patience) ? $"with exit code {_guarded.Process.ExitCode}" : "its output only";
        return $"the shim ended, {how}{LastErrors()}";
    }

    private string LastErrors() => _errors.IsEmpty ? "" : $"; it said: {string.Join(" | ", _errors)}";
}
