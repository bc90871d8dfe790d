namespace Conformance.Harness.Tracing;

/// <summary>Names of error numbers (asm-generic/errno.h).</summary>
internal static class ErrnoNames
{
    private static readonly Dictionary<int, string> Names = new()
    {
        [1] = "EPERM",
        [2] = "ENOENT",
        [3] = "ESRCH",
        [11] = "EAGAIN",
        [17] = "EEXIST",
        [22] = "EINVAL",
        [34] = "ERANGE",
        [38] = "ENOSYS",
        [75] = "EOVERFLOW",
        [90] = "EMSGSIZE",
        [93] = "EPROTONOSUPPORT",
        [97] = "EAFNOSUPPORT",
        [101] = "ENETUNREACH",
        [105] = "ENOBUFS",
        [113] = "EHOSTUNREACH",
    };

    /// <summary>The name, or the number.</summary>
    public static string Of(int errno) => Names.GetValueOrDefault(errno, $"errno {errno}");
}
