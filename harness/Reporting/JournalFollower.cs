using System.Text;

namespace Conformance.Harness.Reporting;

/// <summary>Reads a journal while another process writes it; gives only lines that are whole.</summary>
public sealed class JournalFollower(string path) : IDisposable
{
    private FileStream? _file;

    /// <summary>The lines that were finished since the last call.</summary>
    public IReadOnlyList<string> ReadNewLines()
    {
        if (_file is null)
        {
            if (!File.Exists(path))
            {
                return [];
            }

            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }

        byte[] buffer = new byte[_file.Length - _file.Position];
        int read = _file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        int whole = buffer.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;

        // Bytes of a line that is not whole are read again next time, so that no character is cut.
        _file.Position -= read - whole;
        return Encoding.UTF8.GetString(buffer, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();
}
